//! Main, while it waits for the end of the feast: it kills eaters, and has others started.

use std::time::{Duration, Instant};

use common::endings;
use common::journal::wait;
use common::pace::PATIENCE;
use common::process::{Child, Restarted, Supervisor};
use common::stage::Stage;
use common::sync::Event;
use common::words::Text;
use common::{Error, interrupt};

use crate::seat::Seat;
use crate::words;

/// How long main waits for the end of something before it looks after the eaters.
const LOOK: Duration = Duration::from_millis(20);

/// Of the notes' pace: how long the first eater that is killed has eaten.
const MEAL: Duration = Duration::from_millis(800);
/// However slow the run is.
const LONGEST_MEAL: Duration = Duration::from_millis(80);

pub(crate) struct Killer<'a, 'f> {
    main: &'a Stage,
    eaters: Supervisor<'f>,
    /// The eaters' seats, in the same order.
    seats: &'a [Seat<'a>],
    first_kill: &'a Event,
    every: Option<Duration>,
    /// The time from which on it kills the first eater that eats. `None`: never again.
    next: Option<Instant>,
    kills: usize,
}

impl<'a, 'f> Killer<'a, 'f> {
    /// Kills as soon as an eater eats, and again whenever `every` has passed since the last kill.
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

    /// Goes on until something has `ended`: a function that waits for that, at most as long as its argument says.
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
        // It is time, and no eater ate: look again as soon as it makes sense to kill so often.
        let until_next = until_next.filter(|left| !left.is_zero()).or(self.every);
        until_next.map_or(LOOK, |until| until.min(LOOK))
    }

    /// Kills an eater that is in the middle of a meal. False if none is.
    fn kill(&mut self) -> Result<bool, Error> {
        let eating = self.eaters.children().zip(self.seats).find(|(_, seat)| seat.choose());
        let Some((eater, seat)) = eating else { return Ok(false) };
        let pid = eater.pid();
        self.main.say(words::kills_eater(seat.name(), pid))?;
        if self.kills == 0 {
            self.watch_it_eat(seat)?;
        }
        eater.kill()?;
        self.kills += 1;
        while self.eaters.children().any(|eater| eater.pid() == pid) {
            self.replace_the_dead(PATIENCE)?;
        }
        self.first_kill.set();
        Ok(true)
    }

    /// The first meal is cut in the middle, and not at its beginning: a reader of the pictures looks for it. The eater
    /// is chosen, so that it does not survive.
    fn watch_it_eat(&self, seat: &Seat<'_>) -> Result<(), Error> {
        let _waiting = wait::for_event(seat.name().in_lang(self.main.lang()));
        Ok(interrupt::sleep(self.main.speed().scale(MEAL).min(LONGEST_MEAL))?)
    }

    /// Waits for at most `timeout` until an eater dies, and says which process takes its place.
    fn replace_the_dead(&mut self, timeout: Duration) -> Result<(), Error> {
        for Restarted { died, pid, .. } in self.eaters.watch(timeout)? {
            let seat = self.eaters.children().zip(self.seats).find(|(eater, _)| eater.pid() == pid);
            let name = seat.map_or_else(|| Text::from(&died.name), |(_, seat)| seat.name().clone());
            self.main.say(words::takes_its_place(name, died.pid, endings::of(died.exit), pid))?;
        }
        Ok(())
    }
}
