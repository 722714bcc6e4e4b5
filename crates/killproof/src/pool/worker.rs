//! What a worker does: it takes chunks, and works on one task after the other.

use std::mem::ManuallyDrop;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use nix::sys::prctl;

use super::bell::Ringer;
use super::entries;
use super::floor::{Floor, Gate, Phase, Seat, TEXT, TICK, Wish};
use super::message::write;
use super::outcome::{self, Kind};
use super::place::State;
use super::work::{Run, Work};
use crate::crashpoint::{CrashPoint, hit};
use crate::primitive::{cache, clock, identity};
use crate::queue::buffer::Buffer;

/// A chunk that took as long as this is worth a wake-up of the owner.
const PROMPT: Duration = Duration::from_micros(50);

/// One of this many shorter ones is.
const FEW: u64 = 16;

/// What a worker has of its pool.
#[derive(Clone, Copy)]
pub(super) struct Station<'a> {
    pub(super) floor: &'a Floor,
    pub(super) work: &'a dyn Work,
    pub(super) ringer: &'a Ringer,
    /// The number of its seat, from 0.
    pub(super) number: u32,
    /// A worker shows since when it has been busy with its task.
    pub(super) is_timed: bool,
    /// After this many tasks it leaves, and another one takes its seat.
    pub(super) max_tasks: u64,
}

/// The whole life of a worker, to its exit code.
pub(super) fn live(station: Station<'_>) -> u8 {
    // What a task leaves behind goes to the keeper when this worker ends, and not before.
    let _ = prctl::set_child_subreaper(true);
    let run = match station.work.begin() {
        Ok(run) => run,
        Err(cause) => {
            station.ringer.has_not_begun(station.number + 1, &cause);
            return 1;
        }
    };
    let mut worker = Worker {
        station,
        seat: &station.floor.seats()[station.number as usize],
        run: ManuallyDrop::new(run),
        input: Vec::new(),
        content: Buffer::default(),
        tasks: 0,
        is_busy: false,
        generation: identity::generation(),
    };
    while let ControlFlow::Continue(()) = worker.go_on() {}
    if worker.is_itself() {
        drop(ManuallyDrop::into_inner(worker.run));
    }
    0
}

struct Worker<'a> {
    station: Station<'a>,
    seat: &'a Seat,
    /// A process that a task forked, and that came back from it, must not drop it.
    run: ManuallyDrop<Box<dyn Run + 'a>>,
    input: Vec<u8>,
    content: Buffer,
    /// How many it has run.
    tasks: u64,
    is_busy: bool,
    generation: u64,
}

/// A chunk that a worker has.
struct Taken {
    place: u32,
    /// It may run one task of it.
    is_alone: bool,
}

impl Worker<'_> {
    /// A task may fork, and both processes come back. The copy is no worker.
    fn is_itself(&self) -> bool {
        self.generation == identity::generation()
    }

    /// One chunk, or a sleep. It breaks when the worker leaves.
    fn go_on(&mut self) -> ControlFlow<()> {
        let floor = self.station.floor;
        if let Some(taken) = self.take() {
            return self.work_on(&taken);
        }
        let sequence = floor.work().announce();
        if let Some(taken) = self.take() {
            return self.work_on(&taken);
        }
        self.seat.set_phase(Phase::Idle);
        self.seat.set_since(0);
        self.is_busy = false;
        if floor.wish() != Wish::Work {
            return ControlFlow::Break(());
        }
        if floor.gate() != Gate::Open {
            self.station.ringer.ring();
        }
        floor.work().sleep(sequence, TICK);
        ControlFlow::Continue(())
    }

    fn take(&mut self) -> Option<Taken> {
        let floor = self.station.floor;
        if !self.is_busy {
            // First, so that there is a time-out for a worker that is stopped anywhere after this.
            self.show_time();
            self.seat.set_phase(Phase::Busy);
            // Before the look at the gate: the keeper closes it, and then looks at the phase.
            cache::store_before_load();
            self.is_busy = true;
        }
        match floor.gate() {
            Gate::Open => {
                let taken = floor.ready.from(floor.hint()).find(|place| self.takes(*place, State::Ready))?;
                floor.set_hint((taken + 1) % floor.places());
                Some(Taken { place: taken, is_alone: false })
            }
            Gate::Only(place) => self.takes(place, State::Alone).then_some(Taken { place, is_alone: true }),
            Gate::Closed => None,
        }
    }

    fn takes(&self, place: u32, from: State) -> bool {
        let floor = self.station.floor;
        self.seat.set_place(place);
        let is_taken = floor.place(place).take(from, State::Running(self.station.number));
        if is_taken {
            hit(CrashPoint::PoolTaken);
            floor.ready.clear(place);
        }
        is_taken
    }

    fn work_on(&mut self, taken: &Taken) -> ControlFlow<()> {
        let began = clock::now();
        let Station { floor, number, max_tasks, .. } = self.station;
        let (place, inputs, results) =
            (floor.place(taken.place), floor.inputs(taken.place), floor.results(taken.place));
        let (first, count) = (place.first(), place.count());
        let mut progress = place.progress();
        let mut at = 0;
        for _ in 0..progress.done {
            at += entries::skip_entry(&inputs[at..]);
        }
        let mut ends = taken.is_alone;
        while progress.done < count && floor.has_room_behind(progress.words) && self.tasks < max_tasks {
            let length = entries::load_entry(&inputs[at..], &mut self.input);
            at += entries::words_of(length);
            self.show_time();
            progress.runs = true;
            place.set_progress(progress);
            let kind = self.run_task(first + u64::from(progress.done), length);
            if !self.is_itself() {
                return ControlFlow::Break(());
            }
            let content = self.content.as_slice();
            entries::store_entry(&results[progress.words as usize..], kind as u8, content);
            hit(CrashPoint::PoolWritten);
            progress.done += 1;
            // An area has fewer words than this type counts.
            progress.words += u32::try_from(entries::words_of(content.len())).unwrap_or(u32::MAX);
            progress.runs = false;
            place.set_progress(progress);
            hit(CrashPoint::PoolCounted);
            self.tasks += 1;
            if self.tasks == 1 {
                self.seat.set_worked();
            }
            if std::mem::take(&mut ends) {
                break;
            }
        }
        place.set_nanos(u64::try_from(clock::elapsed(began).as_nanos()).unwrap_or(u64::MAX));
        if progress.done == count || !floor.has_room_behind(progress.words) {
            floor.finish(taken.place, number);
            hit(CrashPoint::PoolMarked);
            self.wake_owner(began);
        } else {
            floor.make_ready(taken.place);
        }
        if taken.is_alone {
            self.station.ringer.ring();
        }
        if self.tasks < max_tasks {
            return ControlFlow::Continue(());
        }
        self.seat.set_phase(Phase::Retired);
        self.seat.set_since(0);
        ControlFlow::Break(())
    }

    /// Runs a task with an input of this length, and limits what it says.
    fn run_task(&mut self, task: u64, length: usize) -> Kind {
        let kind = self.run.run(task, &self.input[..length], &mut self.content);
        let (size, limit) = (self.content.as_slice().len(), self.station.floor.max_message());
        if kind == Kind::Value && size > limit {
            write(&mut self.content, &outcome::too_large(size, limit));
            return Kind::TooLarge;
        }
        if kind != Kind::Value && size > TEXT {
            self.content.room(TEXT);
        }
        kind
    }

    fn show_time(&self) {
        if self.station.is_timed {
            self.seat.set_since(clock::coarse_uptime_nanos());
        }
    }

    /// While there is more to do, the owner learns of short chunks a few at a time: a wake-up takes longer than one.
    fn wake_owner(&self, began: Instant) {
        let floor = self.station.floor;
        let is_prompt = clock::elapsed(began) >= PROMPT || floor.ready.is_empty();
        if is_prompt || floor.has_kept_enough_back(FEW) {
            floor.wake_owner().notify_all();
        }
    }
}
