//! What happened in all rounds so far.

use std::time::Duration;

use common::units;
use common::words::Text;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::crash_points::{self, CrashPoint};
use crate::latency::Operation;
use crate::leaks::Resources;
use crate::ledger::Account;
use crate::roles::Role;
use crate::words;
use crate::workers::{Cause, Death, Debuggers, WorkerPool};

/// The sum of all rounds.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Tally {
    /// By [`Role`].
    pub(crate) killed: Vec<u64>,
    /// The process ids of the dead of the current round.
    pub(crate) dead: Vec<i32>,
    /// The crash points at which this run's workers must die, and stop.
    #[serde(skip)]
    pub(crate) reachable: Vec<CrashPoint>,
    /// By [`CrashPoint`].
    pub(crate) died_at: Vec<u64>,
    /// By [`CrashPoint`].
    pub(crate) stopped_at: Vec<u64>,
    pub(crate) from_outside: u64,
    /// Not planned: consumers that took a poisoned item.
    pub(crate) by_poison: u64,
    pub(crate) items: Account,
    /// Items that killed getters of a `Queue` took with them, which is documented.
    pub(crate) taken_along: u64,
    /// Items that were neither done nor dead letters when `join` returned.
    pub(crate) joined_early: u64,
    /// Deliveries and dead letters that no death explains.
    pub(crate) unexplained: u64,
    /// The difference between the dead letters that `join` counted and those that there were.
    pub(crate) letters_miscounted: u64,
    /// How often all consumers were dead with an item left, and `join` said so.
    pub(crate) abandoned: u64,
    /// How often it did not say so, or was wrong about the number of items.
    pub(crate) abandoned_wrong: u64,
    /// Places of a queue that take no item any more, or give none.
    pub(crate) room_lost: u64,
    /// Workers that were stopped for long inside an operation.
    pub(crate) stopped_inside: u64,
    /// Calls that returned that a worker keeps a lock.
    pub(crate) stalled_calls: u64,
    /// Consumers that executed another program.
    pub(crate) executed: u64,
    /// Workers without `/proc`.
    pub(crate) without_proc: u64,
    pub(crate) debuggers: Debuggers,
    /// Rounds in a pid namespace of their own, and those for which the system gave none.
    pub(crate) namespaces: u64,
    pub(crate) namespaces_refused: u64,
    /// Workers that had the pid of an earlier one of their round.
    pub(crate) pids_reused: u64,
    pub(crate) mutexes: Mutexes,
    pub(crate) records: Records,
    pub(crate) tickets: Tickets,
    pub(crate) sections: Sections,
    /// Daemons that ended when their parent was killed.
    pub(crate) daemons_gone: u64,
    /// Daemons that had to be killed.
    pub(crate) daemons_left: u64,
    /// The longest that a daemon outlived its parent.
    pub(crate) longest_daemon: Duration,
    pub(crate) longest_stall: Duration,
    pub(crate) longest_overrun: Duration,
    #[serde(skip)]
    pub(crate) longest_call: Option<(Operation, Duration)>,
    /// What the run had at its end and not at its beginning.
    pub(crate) leaked: Resources,
}

/// What became of the mutexes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Mutexes {
    /// Complete changes of the value.
    pub(crate) changes: u64,
    /// Complete changes that are not in the value, and changes in it that no lock holder made.
    pub(crate) changes_lost: u64,
    /// Deaths that were certainly inside.
    pub(crate) deaths_inside: u64,
    /// Deaths that lock holders heard of more often, or less often, than they must.
    pub(crate) misreported: u64,
    /// How often a lock holder heard of no death and found half a change.
    pub(crate) unreported: u64,
    /// How often a waiter for the lock of a stopped holder did not end when its process was asked to.
    pub(crate) requests_unheard: u64,
}

/// What became of the records of logs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Records {
    /// Appends that returned.
    pub(crate) appended: u64,
    /// Records that readers found meanwhile.
    pub(crate) read: u64,
    /// Records whose append returned, and that are not in the log.
    pub(crate) lost: u64,
    /// Records that are not whole, stand twice, or stand before earlier ones of their writer.
    pub(crate) torn: u64,
    /// Records whose writers were killed in the middle.
    pub(crate) holes: u64,
    /// Holes that no death explains, and deaths in the middle that left none.
    pub(crate) holes_wrong: u64,
}

/// What became of the tickets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tickets {
    pub(crate) sold: u64,
    /// Gone from the file, and bought by a buyer that was killed before it could report it.
    pub(crate) sold_unreported: u64,
    /// Sold and not gone, or gone without a buyer that may have bought.
    pub(crate) sold_wrong: u64,
    /// How often a file was not whole.
    pub(crate) files_torn: u64,
    /// Files besides those of the store.
    pub(crate) files_left: u64,
}

/// What became of the sections whose processes were killed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sections {
    pub(crate) runs: u64,
    /// Runs that did not end by themselves, or ended without a verdict and without an error of one line.
    pub(crate) ended_wrong: u64,
    /// Processes that lived on.
    pub(crate) left: u64,
    /// The longest time that a run went on after its kill and after its usual end.
    pub(crate) longest_end: Duration,
}

impl Mutexes {
    pub(crate) fn add(&mut self, other: &Self) {
        self.changes += other.changes;
        self.changes_lost += other.changes_lost;
        self.deaths_inside += other.deaths_inside;
        self.misreported += other.misreported;
        self.unreported += other.unreported;
        self.requests_unheard += other.requests_unheard;
    }
}

impl Records {
    pub(crate) fn add(&mut self, other: &Self) {
        self.appended += other.appended;
        self.read += other.read;
        self.lost += other.lost;
        self.torn += other.torn;
        self.holes += other.holes;
        self.holes_wrong += other.holes_wrong;
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
    /// Of a run whose workers hit these crash points.
    pub(crate) fn new(reachable: Vec<CrashPoint>) -> Self {
        let at = || vec![0; CrashPoint::ALL.len()];
        Self { killed: vec![0; Role::ALL.len()], reachable, died_at: at(), stopped_at: at(), ..Self::default() }
    }

    /// The deaths and stops of a round.
    pub(crate) fn add_workers(&mut self, workers: &WorkerPool) {
        self.add_deaths(workers.deaths());
        self.debuggers.add(&workers.debuggers());
        self.pids_reused += workers.pids_reused();
        for halt in workers.halts() {
            self.stopped_at[crash_points::index(halt.point)] += 1;
            self.stopped_inside += u64::from(halt.is_long);
        }
    }

    pub(crate) fn add_deaths(&mut self, deaths: &[Death]) {
        for death in deaths {
            self.killed[death.role as usize] += 1;
            self.dead.push(death.pid);
            match death.cause {
                Cause::FromOutside => self.from_outside += 1,
                Cause::Poison => self.by_poison += 1,
                Cause::CrashPoint(point) => self.died_at[crash_points::index(point)] += 1,
            }
        }
    }

    /// Planned kills. Poisoned items kill besides.
    pub(crate) fn kills(&self) -> u64 {
        self.killed.iter().sum::<u64>() - self.by_poison
    }

    /// At how many of the crash points a worker died.
    pub(crate) fn crash_points(&self) -> usize {
        self.reached(&self.died_at)
    }

    /// At how many of the crash points a worker was stopped.
    pub(crate) fn stop_points(&self) -> usize {
        self.reached(&self.stopped_at)
    }

    fn reached(&self, at: &[u64]) -> usize {
        self.reachable.iter().filter(|point| at[crash_points::index(**point)] > 0).count()
    }

    pub(crate) fn longest_call(&self) -> Duration {
        self.longest_call.map_or(Duration::ZERO, |(_, lasted)| lasted)
    }

    /// What was measured, the most important first: name, value, unit.
    pub(crate) fn figures(&self) -> Vec<(Text, Value, Text)> {
        let mut figures = vec![(words::kills(), self.kills().into(), words::processes())];
        let mut add = |name: Text, value: u64, unit: Text| figures.push((name, value.into(), unit));
        for role in Role::ALL {
            add(words::killed_as(role.called()), self.killed[*role as usize], words::processes());
        }
        add(words::kills_at_random(), self.from_outside, words::processes());
        add(words::killed_by_poison(), self.by_poison, words::processes());
        for point in CrashPoint::ALL {
            add(words::kills_at(format!("{point:?}")), self.died_at[crash_points::index(*point)], words::processes());
        }
        for point in CrashPoint::ALL {
            add(
                words::stops_at(format!("{point:?}")),
                self.stopped_at[crash_points::index(*point)],
                words::processes(),
            );
        }
        let Account { put, cut, cut_but_in, done, redelivered, given_back, tried_again, dead_letters, missing, .. } =
            self.items;
        for (name, value, unit) in [
            (words::put(), put, words::items()),
            (words::put_cut_short(), cut, words::items()),
            (words::put_cut_short_but_in(), cut_but_in, words::items()),
            (words::done(), done, words::items()),
            (words::redelivered(), redelivered, words::deliveries()),
            (words::given_back(), given_back, words::deliveries()),
            (words::dead_letters(), dead_letters, words::items()),
            (words::dead_letters_tried_again(), tried_again, words::items()),
            (words::joins_given_up(), self.abandoned, words::joins()),
            (words::taken_along(), self.taken_along, words::items()),
            (words::lost(), missing, words::items()),
            (words::changes(), self.mutexes.changes, words::changes_unit()),
            (words::deaths_inside(), self.mutexes.deaths_inside, words::processes()),
            (words::appended(), self.records.appended, words::records()),
            (words::read(), self.records.read, words::records()),
            (words::holes(), self.records.holes, words::records()),
            (words::tickets_sold(), self.tickets.sold, words::tickets_unit()),
            (words::tickets_of_dead_buyers(), self.tickets.sold_unreported, words::tickets_unit()),
            (words::daemons_gone(), self.daemons_gone, words::processes()),
            (words::runs_of_sections(), self.sections.runs, words::runs()),
            (words::stopped_inside(), self.stopped_inside, words::processes()),
            (words::stalled_calls(), self.stalled_calls, words::calls()),
            (words::executed(), self.executed, words::processes()),
            (words::without_proc(), self.without_proc, words::processes()),
            (words::namespaces(), self.namespaces, words::rounds()),
            (words::namespaces_refused(), self.namespaces_refused, words::rounds()),
            (words::pids_reused(), self.pids_reused, words::processes()),
            (words::debugged(), self.debuggers.detached, words::processes()),
            (words::debuggers_died(), self.debuggers.died, words::processes()),
            (words::killed_with_debugger(), self.debuggers.took_along, words::processes()),
            (words::debuggers_refused(), self.debuggers.refused, words::processes()),
        ] {
            add(name, value, unit);
        }
        for (name, time) in [
            (words::longest_stall(), self.longest_stall),
            (words::longest_call(), self.longest_call()),
            (words::longest_overrun(), self.longest_overrun),
            (words::longest_outlived(), self.longest_daemon),
            (words::longest_end(), self.sections.longest_end),
        ] {
            figures.push((name, millis(time).into(), units::ms()));
        }
        figures
    }
}

/// In milliseconds, to a tenth.
pub(crate) fn millis(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e4).round() / 10.0
}
