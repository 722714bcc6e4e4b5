//! Who kills an eater, and when: main, and only in the middle of a meal.
//!
//! A kill at a random instant would mostly hit an eater that waits for a dish, and show nothing. So
//! an eater shows when it eats, in one word of shared memory that both change by compare-and-swap:
//! an eater cannot finish a meal in which it was chosen, and main cannot choose one whose meal is
//! over. At which instant of the meal the kill strikes is left to chance.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use common::pace::PATIENCE;
use common::process::{Child, Restarted, Supervisor};
use common::shared::Shared;
use common::stage::Stage;
use common::sync::Event;
use common::{Error, say};

/// How long main waits for what it waits for before it looks after the eaters.
const LOOK: Duration = Duration::from_millis(20);

/// Nobody is here, or nobody eats, or what is eaten is served again: that kills nobody else.
const SAFE: u32 = 0;
/// In the middle of a meal.
const EATING: u32 = 1;
/// In the middle of the last meal: main is about to kill.
const CHOSEN: u32 = 2;

/// The place of one eater and its successors.
pub(crate) struct Seat<'a> {
    /// `SAFE`, `EATING` or `CHOSEN`. Whoever comes first ends `EATING`: the eater by `SAFE`, main by `CHOSEN`.
    state: Shared<AtomicU32>,
    /// Before it is open nobody survives a meal.
    first_kill: &'a Event,
}

impl<'a> Seat<'a> {
    pub(crate) fn new(first_kill: &'a Event) -> Result<Self, Error> {
        Ok(Self { state: Shared::new(AtomicU32::new(SAFE))?, first_kill })
    }

    /// Before a successor sits down: what the dead one showed is true no more.
    pub(crate) fn clear(&self) {
        self.state.store(SAFE, Ordering::Release);
    }

    /// The eater begins a meal in which it can be killed.
    pub(crate) fn risk(&self) {
        self.state.store(EATING, Ordering::Release);
    }

    /// The eater would finish its meal. One that was chosen waits for its end instead.
    pub(crate) fn survive(&self) -> Result<(), Error> {
        if self.state.load(Ordering::Acquire) == SAFE {
            return Ok(());
        }
        self.first_kill.wait(Duration::MAX)?;
        if self.swap(EATING, SAFE) { Ok(()) } else { Ok(Event::new()?.wait(Duration::MAX)?) }
    }

    /// Chooses the eater. False if it is in no meal in which it can be killed.
    fn choose(&self) -> bool {
        self.swap(EATING, CHOSEN)
    }

    fn swap(&self, from: u32, to: u32) -> bool {
        self.state.compare_exchange(from, to, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }
}

/// Main, while it waits for the end of the feast: it kills eaters, and has others started.
pub(crate) struct Killer<'a, 'f> {
    main: &'a Stage,
    eaters: Supervisor<'f>,
    /// The eaters' seats, in the same order.
    seats: &'a [Seat<'a>],
    first_kill: &'a Event,
    every: Option<Duration>,
    /// When to kill next, or as soon as somebody eats after that. `None`: never again.
    next: Option<Instant>,
    kills: usize,
}

impl<'a, 'f> Killer<'a, 'f> {
    /// Kills as soon as somebody eats, and again whenever `every` has passed since the last kill.
    pub(crate) fn new(
        main: &'a Stage,
        eaters: Supervisor<'f>,
        seats: &'a [Seat<'a>],
        first_kill: &'a Event,
        every: Option<Duration>,
    ) -> Self {
        Self { main, eaters, seats, first_kill, every, next: Some(Instant::now()), kills: 0 }
    }

    /// The eaters that live.
    pub(crate) fn eaters(&self) -> impl Iterator<Item = &Child> {
        self.eaters.children()
    }

    /// How often it has killed.
    pub(crate) fn kills(&self) -> usize {
        self.kills
    }

    /// Goes on until something has `ended`, which is asked to wait for that for so long at most.
    pub(crate) fn works_until(&mut self, mut ended: impl FnMut(Duration) -> Result<bool, Error>) -> Result<(), Error> {
        while !ended(self.look())? {
            self.replace_the_dead(Duration::ZERO)?;
            if self.next.is_some_and(|next| next <= Instant::now()) && self.kill()? {
                self.next = self.every.map(|every| Instant::now() + every);
            }
        }
        Ok(())
    }

    /// How long there is nothing to do.
    fn look(&self) -> Duration {
        let until_next = self.next.map(|next| next.saturating_duration_since(Instant::now()));
        // It is time, and nobody ate: look again as soon as it makes sense to kill so often.
        let until_next = until_next.filter(|left| !left.is_zero()).or(self.every);
        until_next.map_or(LOOK, |until| until.min(LOOK))
    }

    /// Kills an eater that is in the middle of a meal. False if nobody is.
    fn kill(&mut self) -> Result<bool, Error> {
        let eating = self.eaters.children().zip(self.seats).find(|(_, seat)| seat.choose());
        let Some((eater, _)) = eating else { return Ok(false) };
        let (name, pid) = (eater.name(), eater.pid());
        say!(
            self.main,
            "main kills {name} (pid {pid}) in the middle of a meal",
            "主进程杀死正在吃菜的{name}(pid {pid})"
        )?;
        eater.kill()?;
        self.kills += 1;
        while self.eaters.children().any(|eater| eater.pid() == pid) {
            self.replace_the_dead(PATIENCE)?;
        }
        self.first_kill.set();
        Ok(true)
    }

    /// Waits for at most `timeout` until an eater dies, and says who takes its place.
    fn replace_the_dead(&mut self, timeout: Duration) -> Result<(), Error> {
        for Restarted { died, pid, .. } in self.eaters.watch(timeout)? {
            let (name, dead, exit) = (died.name, died.pid, died.exit);
            say!(
                self.main,
                "{name} (pid {dead}) ended with {exit}, and pid {pid} takes its place",
                "{name}(pid {dead})的进程已结束:{exit},由 pid {pid} 接替"
            )?;
        }
        Ok(())
    }
}
