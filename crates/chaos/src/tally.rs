//! The sum of all rounds, and what it must be.

use std::time::Duration;

use common::report::{Expect, Is};
use killproof::crashpoint::CrashPoint;
use serde_json::Value;

use crate::crash_points;
use crate::leaks::Holdings;
use crate::ledger::{Account, Fault};
use crate::plan::Role;
use crate::slots::Doing;
use crate::workers::{Cause, Death};

/// Not for so long may a crew complete nothing.
const STALL: Duration = Duration::from_secs(1);
/// Not for so long may one worker be in one call, whatever the others do.
const CALL: Duration = Duration::from_secs(10);

/// What happened in all rounds so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    /// By [`Role`].
    pub(crate) killed: Vec<u64>,
    /// By [`CrashPoint`].
    pub(crate) died_at: Vec<u64>,
    pub(crate) from_outside: u64,
    pub(crate) by_itself: u64,
    pub(crate) items: Account,
    /// Items that killed getters of a plain queue took with them: documented, not lost.
    pub(crate) taken_along: u64,
    /// Items that were neither done nor dead letters when `join` returned.
    pub(crate) joined_early: u64,
    /// Deliveries and dead letters that no death explains.
    pub(crate) unexplained: u64,
    /// By how many the number of dead letters that `join` told was wrong.
    pub(crate) letters_miscounted: u64,
    /// How often all consumers were dead with an item left, and `join` said so; and how often not.
    pub(crate) abandoned: u64,
    pub(crate) abandoned_wrong: u64,
    /// Places of a queue that nothing could be put into any more, or that nothing came out of.
    pub(crate) room_lost: u64,
    pub(crate) mutexes: Mutexes,
    pub(crate) tickets: Tickets,
    /// Daemons that ended when their parent was killed, and such that had to be killed.
    pub(crate) daemons_gone: u64,
    pub(crate) daemons_left: u64,
    /// The longest that one of them outlived its parent.
    pub(crate) longest_daemon: Duration,
    /// The longest time in which nobody completed anything.
    pub(crate) stall: Duration,
    /// The longest call of any worker.
    pub(crate) longest_call: Option<(Doing, Duration)>,
    /// What the run had at the end and did not have at the beginning.
    pub(crate) leaked: Holdings,
}

/// What became of the mutexes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mutexes {
    /// Complete changes of the value.
    pub(crate) changes: u64,
    /// Complete changes that are not in it, or changes in it that nobody made.
    pub(crate) changes_lost: u64,
    /// Deaths that were certainly inside.
    pub(crate) deaths_inside: u64,
    /// Deaths that were told more often, or less, than they must be.
    pub(crate) told_wrong: u64,
    /// How often somebody was told of no death and found half a change.
    pub(crate) untold: u64,
}

/// What became of the tickets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tickets {
    pub(crate) sold: u64,
    /// Gone from the file, and bought by somebody who was killed before it could say so.
    pub(crate) sold_unreported: u64,
    /// Sold and not gone, or gone without anybody who may have bought.
    pub(crate) sold_wrong: u64,
    /// How often a file was not whole.
    pub(crate) files_torn: u64,
    /// Files that nobody asked for.
    pub(crate) files_left: u64,
}

impl Mutexes {
    pub(crate) fn add(&mut self, other: &Self) {
        self.changes += other.changes;
        self.changes_lost += other.changes_lost;
        self.deaths_inside += other.deaths_inside;
        self.told_wrong += other.told_wrong;
        self.untold += other.untold;
    }
}

impl Tickets {
    pub(crate) fn add(&mut self, other: &Self) {
        self.sold += other.sold;
        self.sold_unreported += other.sold_unreported;
        self.sold_wrong += other.sold_wrong;
        self.files_torn += other.files_torn;
        self.files_left += other.files_left;
    }
}

impl Tally {
    pub(crate) fn new() -> Self {
        Self { killed: vec![0; Role::ALL.len()], died_at: vec![0; CrashPoint::ALL.len()], ..Self::default() }
    }

    /// Whoever died in a round.
    pub(crate) fn deaths(&mut self, deaths: &[Death]) {
        for death in deaths {
            self.killed[death.role as usize] += 1;
            match death.cause {
                Cause::Instant => self.from_outside += 1,
                Cause::Itself => self.by_itself += 1,
                Cause::Step(step) => self.died_at[crash_points::index(step)] += 1,
            }
        }
    }

    /// What became of a round's items.
    pub(crate) fn items(&mut self, account: &Account) {
        self.items.add(account);
    }

    /// Kills that were planned. Poisoned items kill besides.
    pub(crate) fn kills(&self) -> u64 {
        self.killed.iter().sum::<u64>() - self.by_itself
    }

    /// At how many of the steps somebody died.
    pub(crate) fn steps(&self) -> usize {
        self.died_at.iter().filter(|deaths| **deaths > 0).count()
    }

    fn call(&self) -> Duration {
        self.longest_call.map_or(Duration::ZERO, |(_, lasted)| lasted)
    }

    /// What was measured, in the order in which a reader wants it: name, value, unit.
    pub(crate) fn figures(&self) -> Vec<(String, Value, &'static str)> {
        let mut figures = vec![("kills".to_owned(), self.kills().into(), "processes")];
        let mut add = |name: String, value: u64, unit| figures.push((name, value.into(), unit));
        for role in Role::ALL {
            add(format!("killed as a {}", role.name()), self.killed[*role as usize], "processes");
        }
        add("kills at a random instant".to_owned(), self.from_outside, "processes");
        add("killed by a poisoned item besides".to_owned(), self.by_itself, "processes");
        for step in CrashPoint::ALL {
            add(format!("kills at {step:?}"), self.died_at[crash_points::index(*step)], "processes");
        }
        let Account { put, cut, cut_but_in, done, redelivered, given_back, tried_again, dead_letters, missing, .. } =
            self.items;
        for (name, value, unit) in [
            ("put", put, "items"),
            ("put cut short", cut, "items"),
            ("put cut short, but wholly in", cut_but_in, "items"),
            ("done", done, "items"),
            ("redelivered", redelivered, "deliveries"),
            ("given back by the living", given_back, "deliveries"),
            ("dead letters", dead_letters, "items"),
            ("dead letters tried again", tried_again, "items"),
            ("joins given up by right", self.abandoned, "joins"),
            ("taken along by killed getters", self.taken_along, "items"),
            ("lost", missing, "items"),
            ("changes under a mutex", self.mutexes.changes, "changes"),
            ("deaths inside a mutex", self.mutexes.deaths_inside, "processes"),
            ("tickets sold", self.tickets.sold, "tickets"),
            ("tickets bought by the dead", self.tickets.sold_unreported, "tickets"),
            ("daemons gone with their parent", self.daemons_gone, "processes"),
        ] {
            add(name.to_owned(), value, unit);
        }
        for (name, time) in [
            ("longest stall", self.stall),
            ("longest call", self.call()),
            ("longest a daemon outlived its parent", self.longest_daemon),
        ] {
            figures.push((name.to_owned(), millis(time).into(), "ms"));
        }
        figures
    }
}

/// Something that must hold of the whole run.
pub(crate) struct Promise {
    pub(crate) text: String,
    pub(crate) expect: Expect,
    pub(crate) observe: fn(&Tally) -> Value,
}

impl Promise {
    pub(crate) fn breaks(&self, tally: &Tally) -> bool {
        !self.expect.holds(&(self.observe)(tally))
    }
}

/// Everything that must hold of a run of so many kills, whose workers pass so many of the steps.
pub(crate) fn promises(kills: u32, steps: usize) -> Vec<Promise> {
    let mut promises = vec![
        Promise {
            text: format!("{kills} processes are killed"),
            expect: Expect::AtLeast(kills.into()),
            observe: |tally| tally.kills().into(),
        },
        Promise {
            text: format!("somebody dies at every instrumented step, which are {steps}"),
            expect: Expect::AtLeast(u32::try_from(steps).unwrap_or(u32::MAX).into()),
            observe: |tally| tally.steps().into(),
        },
    ];
    let mut never = |text: &str, observe: fn(&Tally) -> Value| {
        promises.push(Promise { text: text.to_owned(), expect: Is(0), observe });
    };
    never("no item is lost: it is worked on, or a dead letter, if its put returned", |tally| {
        tally.items.missing.into()
    });
    never("no item is torn", |tally| tally.items.faults(Fault::Torn).into());
    never("nothing is handed out twice as one delivery", |tally| tally.items.faults(Fault::Twice).into());
    never("nothing is done twice", |tally| tally.items.faults(Fault::DoneTwice).into());
    never("nothing is taken from a consumer that lives", |tally| tally.items.faults(Fault::Taken).into());
    never("nothing is handed out again, or given up, without a death", |tally| tally.unexplained.into());
    never("what is said of dead holders is true", |tally| tally.items.faults(Fault::WrongDeath).into());
    never("items are handed out in order, and returned ones in front", |tally| {
        tally.items.faults(Fault::Disordered).into()
    });
    never("join never returns before all is done", |tally| tally.joined_early.into());
    never("join counts the dead letters right", |tally| tally.letters_miscounted.into());
    never("join gives up when all consumers are dead", |tally| tally.abandoned_wrong.into());
    never("join gives up only then", |tally| tally.items.faults(Fault::GivenUp).into());
    never("no queue loses a place", |tally| tally.room_lost.into());
    never("no complete change under a mutex is lost", |tally| tally.mutexes.changes_lost.into());
    never("every death inside a mutex is told once", |tally| tally.mutexes.told_wrong.into());
    never("nobody finds half a change untold", |tally| tally.mutexes.untold.into());
    never("the tickets' file is always whole", |tally| tally.tickets.files_torn.into());
    never("every ticket is sold once", |tally| tally.tickets.sold_wrong.into());
    never("no daemon outlives its parent", |tally| tally.daemons_left.into());
    never("no process is left", |tally| tally.leaked.processes.into());
    never("no zombie is left", |tally| tally.leaked.zombies.into());
    never("no file descriptor is left", |tally| tally.leaked.descriptors.into());
    never("no mapping of shared memory is left", |tally| tally.leaked.mappings.into());
    never("no file is left", |tally| tally.tickets.files_left.into());
    promises.push(Promise {
        text: format!("no crew stands still for {} ms", STALL.as_millis()),
        expect: Expect::Below(millis(STALL)),
        observe: |tally| millis(tally.stall).into(),
    });
    promises.push(Promise {
        text: format!("nobody is in one call for {} s", CALL.as_secs()),
        expect: Expect::Below(millis(CALL)),
        observe: |tally| millis(tally.call()).into(),
    });
    promises
}

/// In milliseconds, to a tenth.
pub(crate) fn millis(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e4).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    const KILLS: u32 = 1;

    fn good() -> Tally {
        let mut tally = Tally::new();
        tally.killed[0] = 1;
        tally.died_at = vec![1; CrashPoint::ALL.len()];
        tally.stall = Duration::from_millis(999);
        tally.longest_call = Some((Doing::Get, Duration::from_secs(9)));
        tally
    }

    /// The promises that this tally breaks.
    fn broken(tally: &Tally) -> Vec<String> {
        let mut promises = promises(KILLS, CrashPoint::ALL.len());
        promises.retain(|promise| promise.breaks(tally));
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
            ("every instrumented step", |tally| tally.died_at[3] = 0),
            ("no item is lost", |tally| tally.items.missing = 1),
            ("no item is torn", |tally| tally.items.faults[Fault::Torn as usize] = 1),
            ("handed out twice", |tally| tally.items.faults[Fault::Twice as usize] = 1),
            ("done twice", |tally| tally.items.faults[Fault::DoneTwice as usize] = 1),
            ("taken from a consumer", |tally| tally.items.faults[Fault::Taken as usize] = 1),
            ("without a death", |tally| tally.unexplained = 1),
            ("of dead holders", |tally| tally.items.faults[Fault::WrongDeath as usize] = 1),
            ("counts the dead letters", |tally| tally.letters_miscounted = 1),
            ("when all consumers are dead", |tally| tally.abandoned_wrong = 1),
            ("gives up only then", |tally| tally.items.faults[Fault::GivenUp as usize] = 1),
            ("returned ones in front", |tally| tally.items.faults[Fault::Disordered as usize] = 1),
            ("join never returns", |tally| tally.joined_early = 1),
            ("loses a place", |tally| tally.room_lost = 1),
            ("change under a mutex is lost", |tally| tally.mutexes.changes_lost = 1),
            ("told once", |tally| tally.mutexes.told_wrong = 1),
            ("half a change", |tally| tally.mutexes.untold = 1),
            ("always whole", |tally| tally.tickets.files_torn = 1),
            ("sold once", |tally| tally.tickets.sold_wrong = 1),
            ("no daemon", |tally| tally.daemons_left = 1),
            ("no process is left", |tally| tally.leaked.processes = 1),
            ("no zombie", |tally| tally.leaked.zombies = 1),
            ("no file descriptor", |tally| tally.leaked.descriptors = 1),
            ("no mapping", |tally| tally.leaked.mappings = 1),
            ("no file is left", |tally| tally.tickets.files_left = 1),
            ("stands still", |tally| tally.stall = Duration::from_secs(1)),
            ("in one call", |tally| tally.longest_call = Some((Doing::Get, Duration::from_secs(10)))),
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
