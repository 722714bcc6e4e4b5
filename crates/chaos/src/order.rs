//! An order to a worker: to die or to stop at a crash point.

use crate::crash_points::{self, CrashPoint, arm, arm_to_stop};

/// What a worker shall do when it hits `point` for the `nth` time from now on (from 1). An `nth` of 0
/// disarms it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Order {
    pub(crate) point: CrashPoint,
    pub(crate) nth: u16,
    pub(crate) effect: Effect,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// It kills itself.
    Dies,
    /// It stops, once, until it is continued.
    Stops,
}

const NTH_BITS: u32 = 16;
const STOPS: u64 = 1 << 32;

impl Order {
    pub(crate) fn die(point: CrashPoint, nth: u16) -> Self {
        Self { point, nth, effect: Effect::Dies }
    }

    pub(crate) fn stop(point: CrashPoint, nth: u16) -> Self {
        Self { point, nth, effect: Effect::Stops }
    }

    pub(crate) fn disarm() -> Self {
        Self::die(CrashPoint::ALL[0], 0)
    }

    /// Arms the process that calls it.
    pub(crate) fn arm(self) {
        match self.effect {
            Effect::Dies => arm(self.point, self.nth),
            Effect::Stops => arm_to_stop(self.point, self.nth),
        }
    }

    /// As a word of shared memory, which is never 0.
    pub(crate) fn to_word(self) -> u64 {
        let stops = if self.effect == Effect::Stops { STOPS } else { 0 };
        (crash_points::index(self.point) as u64 + 1) << NTH_BITS | u64::from(self.nth) | stops
    }

    /// The order in such a word; `None` for 0.
    pub(crate) fn from_word(word: u64) -> Option<Self> {
        let place = usize::try_from((word & !STOPS) >> NTH_BITS).ok()?.checked_sub(1)?;
        let nth = u16::try_from(word & u64::from(u16::MAX)).ok()?;
        let effect = if word & STOPS == 0 { Effect::Dies } else { Effect::Stops };
        Some(Self { point: *CrashPoint::ALL.get(place)?, nth, effect })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_order_survives_its_way_through_a_word() {
        for point in CrashPoint::ALL {
            for nth in [0, 1, u16::MAX] {
                for order in [Order::die(*point, nth), Order::stop(*point, nth)] {
                    assert_eq!(Order::from_word(order.to_word()), Some(order));
                }
            }
        }
        assert_eq!(Order::from_word(0), None);
    }
}
