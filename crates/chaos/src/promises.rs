//! What must hold of a whole run.

use std::time::Duration;

use common::report::{Expect, Is};
use serde_json::Value;

use crate::ledger::Fault;
use crate::tally::{Tally, millis};

/// Within this time at least one worker of a round completes an operation.
const STALL: Duration = Duration::from_secs(1);
/// Within this time every call returns, whatever the other workers do.
const CALL: Duration = Duration::from_secs(10);

/// A claim about the tally.
pub(crate) struct Promise {
    pub(crate) text: String,
    pub(crate) expect: Expect,
    pub(crate) observe: fn(&Tally) -> Value,
}

impl Promise {
    pub(crate) fn is_broken(&self, tally: &Tally) -> bool {
        !self.expect.holds(&(self.observe)(tally))
    }
}

/// All promises of a run of this number of kills, whose workers hit this number of crash points.
pub(crate) fn promises(kills: u32, crash_points: usize) -> Vec<Promise> {
    let mut promises = vec![
        Promise {
            text: format!("{kills} processes are killed"),
            expect: Expect::AtLeast(kills.into()),
            observe: |tally| tally.kills().into(),
        },
        Promise {
            text: format!("a process dies at each of the {crash_points} crash points"),
            expect: Expect::AtLeast(u32::try_from(crash_points).unwrap_or(u32::MAX).into()),
            observe: |tally| tally.crash_points().into(),
        },
    ];
    let mut never = |text: &str, observe: fn(&Tally) -> Value| {
        promises.push(Promise { text: text.to_owned(), expect: Is(0), observe });
    };
    never("no item is lost: if its put returned, it is worked on, or a dead letter", |tally| {
        tally.items.missing.into()
    });
    never("no item is torn", |tally| tally.items.faults(Fault::Torn).into());
    never("no delivery is handed out twice", |tally| tally.items.faults(Fault::Twice).into());
    never("no item is done twice", |tally| tally.items.faults(Fault::DoneTwice).into());
    never("no item is taken from a consumer that is alive", |tally| tally.items.faults(Fault::Taken).into());
    never("no item is handed out again, or given up, without a death", |tally| tally.unexplained.into());
    never("what a delivery says of its dead holders is true", |tally| tally.items.faults(Fault::WrongDeath).into());
    never("items are handed out in order, and returned ones in front", |tally| {
        tally.items.faults(Fault::Disordered).into()
    });
    never("join never returns before all is done", |tally| tally.joined_early.into());
    never("join counts the dead letters right", |tally| tally.letters_miscounted.into());
    never("join gives up when all consumers are dead", |tally| tally.abandoned_wrong.into());
    never("join gives up only then", |tally| tally.items.faults(Fault::GivenUp).into());
    never("no queue loses a place", |tally| tally.room_lost.into());
    never("no complete change under a mutex is lost", |tally| tally.mutexes.changes_lost.into());
    never("every death inside a mutex is reported once", |tally| tally.mutexes.misreported.into());
    never("no lock holder finds half a change unreported", |tally| tally.mutexes.unreported.into());
    never("the tickets' file is always whole", |tally| tally.tickets.files_torn.into());
    never("every ticket is sold once", |tally| tally.tickets.sold_wrong.into());
    never("no daemon outlives its parent", |tally| tally.daemons_left.into());
    never("no process is left", |tally| tally.leaked.processes.into());
    never("no zombie is left", |tally| tally.leaked.zombies.into());
    never("no file descriptor is left", |tally| tally.leaked.descriptors.into());
    never("no mapping of shared memory is left", |tally| tally.leaked.mappings.into());
    never("no file is left", |tally| tally.tickets.files_left.into());
    promises.push(Promise {
        text: format!("the workers never stand still for {} ms", STALL.as_millis()),
        expect: Expect::Below(millis(STALL)),
        observe: |tally| millis(tally.longest_stall).into(),
    });
    promises.push(Promise {
        text: format!("no call takes {} s", CALL.as_secs()),
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
        let mut tally = Tally::new();
        tally.killed[0] = 1;
        tally.died_at = vec![1; CrashPoint::ALL.len()];
        tally.longest_stall = Duration::from_millis(999);
        tally.longest_call = Some((Operation::Get, Duration::from_secs(9)));
        tally
    }

    /// The promises that this tally breaks.
    fn broken(tally: &Tally) -> Vec<String> {
        let mut promises = promises(KILLS, CrashPoint::ALL.len());
        promises.retain(|promise| promise.is_broken(tally));
        promises.into_iter().map(|promise| promise.text).collect()
    }

    #[test]
    fn a_run_without_a_fault_breaks_no_promise() {
        assert_eq!(broken(&good()), [""; 0]);
    }

    #[test]
    fn every_fault_breaks_the_promise_that_is_about_it_and_no_other() {
        type Spoilt = (&'static str, fn(&mut Tally));
        let faults: [Spoilt; 28] = [
            ("processes are killed", |tally| tally.killed[0] = 0),
            ("crash points", |tally| tally.died_at[3] = 0),
            ("no item is lost", |tally| tally.items.missing = 1),
            ("no item is torn", |tally| tally.items.faults[Fault::Torn as usize] = 1),
            ("handed out twice", |tally| tally.items.faults[Fault::Twice as usize] = 1),
            ("done twice", |tally| tally.items.faults[Fault::DoneTwice as usize] = 1),
            ("taken from a consumer", |tally| tally.items.faults[Fault::Taken as usize] = 1),
            ("without a death", |tally| tally.unexplained = 1),
            ("of its dead holders", |tally| tally.items.faults[Fault::WrongDeath as usize] = 1),
            ("counts the dead letters", |tally| tally.letters_miscounted = 1),
            ("when all consumers are dead", |tally| tally.abandoned_wrong = 1),
            ("gives up only then", |tally| tally.items.faults[Fault::GivenUp as usize] = 1),
            ("returned ones in front", |tally| tally.items.faults[Fault::Disordered as usize] = 1),
            ("join never returns", |tally| tally.joined_early = 1),
            ("loses a place", |tally| tally.room_lost = 1),
            ("change under a mutex is lost", |tally| tally.mutexes.changes_lost = 1),
            ("reported once", |tally| tally.mutexes.misreported = 1),
            ("half a change", |tally| tally.mutexes.unreported = 1),
            ("always whole", |tally| tally.tickets.files_torn = 1),
            ("sold once", |tally| tally.tickets.sold_wrong = 1),
            ("no daemon", |tally| tally.daemons_left = 1),
            ("no process is left", |tally| tally.leaked.processes = 1),
            ("no zombie", |tally| tally.leaked.zombies = 1),
            ("no file descriptor", |tally| tally.leaked.descriptors = 1),
            ("no mapping", |tally| tally.leaked.mappings = 1),
            ("no file is left", |tally| tally.tickets.files_left = 1),
            ("stand still", |tally| tally.longest_stall = Duration::from_secs(1)),
            ("no call takes", |tally| tally.longest_call = Some((Operation::Get, Duration::from_secs(10)))),
        ];
        assert_eq!(faults.len(), promises(KILLS, 0).len(), "a promise that no fault breaks is none");
        for (about, spoil) in faults {
            let mut tally = good();
            spoil(&mut tally);
            let broken = broken(&tally);
            assert!(matches!(broken.as_slice(), [only] if only.contains(about)), "{about}: {broken:?}");
        }
    }
}
