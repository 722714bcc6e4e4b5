//! What must hold of a whole run.

use std::time::Duration;

use common::claims::Claims;
use common::report::{Expect, Is};
use common::words::Text;
use serde_json::Value;

use crate::ledger::Fault;
use crate::sections::SOON;
use crate::tally::{Tally, millis};
use crate::words;

/// Within this time at least one worker of a round completes an operation.
const STALL: Duration = Duration::from_secs(1);
/// Within this time after its deadline a call with a deadline returns, though a worker is stopped with a lock.
const LATE: Duration = Duration::from_secs(1);
/// Within this time every call returns, whatever the other workers do.
const CALL: Duration = Duration::from_secs(10);

/// A claim about the tally.
pub(crate) struct Promise {
    pub(crate) text: Text,
    pub(crate) expect: Expect,
    pub(crate) observe: fn(&Tally) -> Value,
}

impl Promise {
    pub(crate) fn is_broken(&self, tally: &Tally) -> bool {
        !self.expect.holds(&(self.observe)(tally).into())
    }
}

/// The promises as claims about the tally.
pub(crate) fn claims(promises: &[Promise]) -> Claims<Tally> {
    promises.iter().fold(Claims::new(), |claims, Promise { text, expect, observe }| {
        let observe = *observe;
        claims.claim(text, expect.clone(), move |tally, _| observe(tally))
    })
}

/// All promises of a run of this number of kills, whose workers hit this number of crash points, and that kills
/// processes of sections or not.
pub(crate) fn of(kills: u32, crash_points: usize, kills_sections: bool) -> Vec<Promise> {
    let mut promises = vec![
        Promise {
            text: words::enough_are_killed(kills),
            expect: Expect::AtLeast(kills.into()),
            observe: |tally| tally.kills().into(),
        },
        Promise {
            text: words::every_crash_point(crash_points),
            expect: Expect::AtLeast(u32::try_from(crash_points).unwrap_or(u32::MAX).into()),
            observe: |tally| tally.crash_points().into(),
        },
        Promise {
            text: words::every_stop_point(crash_points),
            expect: Expect::AtLeast(u32::try_from(crash_points).unwrap_or(u32::MAX).into()),
            observe: |tally| tally.stop_points().into(),
        },
    ];
    let mut never = |text: Text, observe: fn(&Tally) -> Value| {
        promises.push(Promise { text, expect: Is(0), observe });
    };
    never(words::no_item_lost(), |tally| tally.items.missing.into());
    never(words::no_item_torn(), |tally| tally.items.faults(Fault::Torn).into());
    never(words::none_handed_out_twice(), |tally| tally.items.faults(Fault::Twice).into());
    never(words::none_done_twice(), |tally| tally.items.faults(Fault::DoneTwice).into());
    never(words::none_taken_from_the_living(), |tally| tally.items.faults(Fault::Taken).into());
    never(words::none_unexplained(), |tally| tally.unexplained.into());
    never(words::deaths_told_right(), |tally| tally.items.faults(Fault::WrongDeath).into());
    never(words::in_order(), |tally| tally.items.faults(Fault::Disordered).into());
    never(words::join_not_early(), |tally| tally.joined_early.into());
    never(words::join_counts_right(), |tally| tally.letters_miscounted.into());
    never(words::join_gives_up(), |tally| tally.abandoned_wrong.into());
    never(words::join_gives_up_only_then(), |tally| tally.items.faults(Fault::GivenUp).into());
    never(words::no_place_lost(), |tally| tally.room_lost.into());
    never(words::no_change_lost(), |tally| tally.mutexes.changes_lost.into());
    never(words::deaths_reported_once(), |tally| tally.mutexes.misreported.into());
    never(words::no_half_change_unreported(), |tally| tally.mutexes.unreported.into());
    never(words::lock_can_be_ended(), |tally| tally.mutexes.requests_unheard.into());
    never(words::debugged_go_on(), |tally| tally.debuggers.stuck.into());
    never(words::no_record_lost(), |tally| tally.records.lost.into());
    never(words::no_record_torn(), |tally| tally.records.torn.into());
    never(words::holes_explained(), |tally| tally.records.holes_wrong.into());
    never(words::file_always_whole(), |tally| tally.tickets.files_torn.into());
    never(words::tickets_sold_once(), |tally| tally.tickets.sold_wrong.into());
    never(words::no_daemon_left(), |tally| tally.daemons_left.into());
    if kills_sections {
        never(words::sections_say_how(), |tally| tally.sections.ended_wrong.into());
        never(words::sections_leave_nothing(), |tally| tally.sections.left.into());
    }
    never(words::no_process_left(), |tally| tally.leaked.processes.into());
    never(words::no_zombie_left(), |tally| tally.leaked.zombies.into());
    never(words::no_descriptor_left(), |tally| tally.leaked.descriptors.into());
    never(words::no_mapping_left(), |tally| tally.leaked.mappings.into());
    never(words::no_file_left(), |tally| tally.tickets.files_left.into());
    if kills_sections {
        promises.push(Promise {
            text: words::sections_end(SOON.as_secs()),
            expect: Expect::Below(millis(SOON)),
            observe: |tally| millis(tally.sections.longest_end).into(),
        });
    }
    promises.push(Promise {
        text: words::no_standstill(millis(STALL)),
        expect: Expect::Below(millis(STALL)),
        observe: |tally| millis(tally.longest_stall).into(),
    });
    promises.push(Promise {
        text: words::no_late_call(millis(LATE)),
        expect: Expect::Below(millis(LATE)),
        observe: |tally| millis(tally.longest_overrun).into(),
    });
    promises.push(Promise {
        text: words::no_long_call(CALL.as_secs()),
        expect: Expect::Below(millis(CALL)),
        observe: |tally| millis(tally.longest_call()).into(),
    });
    promises
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crash_points::CrashPoint;
    use crate::latency::Operation;

    const KILLS: u32 = 1;

    fn good() -> Tally {
        let mut tally = Tally::new(CrashPoint::ALL.to_vec());
        tally.killed[0] = 1;
        tally.died_at = vec![1; CrashPoint::ALL.len()];
        tally.stopped_at = vec![1; CrashPoint::ALL.len()];
        tally.longest_stall = Duration::from_millis(999);
        tally.longest_call = Some((Operation::Get, Duration::from_secs(9)));
        tally
    }

    /// The promises that this tally breaks, by their keys.
    fn broken(tally: &Tally) -> Vec<&'static str> {
        let mut promises = of(KILLS, CrashPoint::ALL.len(), true);
        promises.retain(|promise| promise.is_broken(tally));
        promises.iter().filter_map(|promise| promise.text.key()).collect()
    }

    #[test]
    fn a_run_without_a_fault_breaks_no_promise() {
        assert_eq!(broken(&good()), [""; 0]);
    }

    #[test]
    fn every_fault_breaks_the_promise_that_is_about_it_and_no_other() {
        type Spoilt = (&'static str, fn(&mut Tally));
        let faults: [Spoilt; 38] = [
            ("enough_are_killed", |tally| tally.killed[0] = 0),
            ("every_crash_point", |tally| tally.died_at[3] = 0),
            ("every_stop_point", |tally| tally.stopped_at[36] = 0),
            ("no_item_lost", |tally| tally.items.missing = 1),
            ("no_item_torn", |tally| tally.items.faults[Fault::Torn as usize] = 1),
            ("none_handed_out_twice", |tally| tally.items.faults[Fault::Twice as usize] = 1),
            ("none_done_twice", |tally| tally.items.faults[Fault::DoneTwice as usize] = 1),
            ("none_taken_from_the_living", |tally| tally.items.faults[Fault::Taken as usize] = 1),
            ("none_unexplained", |tally| tally.unexplained = 1),
            ("deaths_told_right", |tally| tally.items.faults[Fault::WrongDeath as usize] = 1),
            ("join_counts_right", |tally| tally.letters_miscounted = 1),
            ("join_gives_up", |tally| tally.abandoned_wrong = 1),
            ("join_gives_up_only_then", |tally| tally.items.faults[Fault::GivenUp as usize] = 1),
            ("in_order", |tally| tally.items.faults[Fault::Disordered as usize] = 1),
            ("join_not_early", |tally| tally.joined_early = 1),
            ("no_place_lost", |tally| tally.room_lost = 1),
            ("no_change_lost", |tally| tally.mutexes.changes_lost = 1),
            ("deaths_reported_once", |tally| tally.mutexes.misreported = 1),
            ("no_half_change_unreported", |tally| tally.mutexes.unreported = 1),
            ("lock_can_be_ended", |tally| tally.mutexes.requests_unheard = 1),
            ("debugged_go_on", |tally| tally.debuggers.stuck = 1),
            ("no_record_lost", |tally| tally.records.lost = 1),
            ("no_record_torn", |tally| tally.records.torn = 1),
            ("holes_explained", |tally| tally.records.holes_wrong = 1),
            ("file_always_whole", |tally| tally.tickets.files_torn = 1),
            ("tickets_sold_once", |tally| tally.tickets.sold_wrong = 1),
            ("no_daemon_left", |tally| tally.daemons_left = 1),
            ("sections_say_how", |tally| tally.sections.ended_wrong = 1),
            ("sections_leave_nothing", |tally| tally.sections.left = 1),
            ("no_process_left", |tally| tally.leaked.processes = 1),
            ("no_zombie_left", |tally| tally.leaked.zombies = 1),
            ("no_descriptor_left", |tally| tally.leaked.descriptors = 1),
            ("no_mapping_left", |tally| tally.leaked.mappings = 1),
            ("no_file_left", |tally| tally.tickets.files_left = 1),
            ("sections_end", |tally| tally.sections.longest_end = Duration::from_secs(2)),
            ("no_standstill", |tally| tally.longest_stall = Duration::from_secs(1)),
            ("no_late_call", |tally| tally.longest_overrun = Duration::from_secs(1)),
            ("no_long_call", |tally| tally.longest_call = Some((Operation::Get, Duration::from_secs(10)))),
        ];
        assert_eq!(faults.len(), of(KILLS, 0, true).len(), "a promise that no fault breaks is none");
        for (about, spoil) in faults {
            let mut tally = good();
            spoil(&mut tally);
            let broken = broken(&tally);
            assert!(matches!(broken.as_slice(), [only] if *only == about), "{about}: {broken:?}");
        }
    }
}
