//! What the main process of a section talks to: an actor that also claims, checks and measures.
//!
//! A scene is honest by construction: what must happen is claimed before the act, the claim is held
//! against what was observed, and a claim that was never looked at has failed.

use std::ops::Deref;
use std::sync::Arc;

use nix::sys::signal::Signal;
use serde_json::{Map, Value, json};

use crate::actor::{Actor, Run, object};
use crate::cli::Common;
use crate::error::Error;
use crate::journal::{Event, Journal, Kind, Recording, VERSION};
use crate::lang::Lang;
use crate::procfs;
use crate::queue::Queue;
use crate::report::{Check, Expect, Figure, Is, Report, SceneReport};
use crate::text;
use crate::view::View;

/// What main is called before the first scene.
const MAIN: &str = "main";

/// The stage of one run: the main actor, the claims and figures of its scenes, and the verdict.
#[derive(Debug)]
pub struct Stage {
    actor: Actor,
    section: &'static str,
    scene: Option<OpenScene>,
    scenes: Vec<SceneReport>,
    /// The signal that cut a scene short which has a result nevertheless.
    cut_short: Option<Signal>,
    /// What locks, queues and gates do is recorded as long as the run lasts.
    recording: Option<Recording>,
}

#[derive(Debug)]
struct OpenScene {
    name: &'static str,
    /// Where the journal stood when it began.
    mark: u64,
    claims: Vec<Claimed>,
    figures: Vec<Figure>,
}

#[derive(Debug)]
struct Claimed {
    text: String,
    /// In the other language, if the journal has it.
    other: Option<Value>,
    expect: Expect,
    check: Option<Check>,
}

/// A claim that was made and must be held against an observation: [`Stage::check`].
#[derive(Debug)]
#[must_use = "a claim that is never checked has failed"]
pub struct Claim(usize);

impl Stage {
    /// The stage of a run of `section`. A run without an end `keeps` no record.
    ///
    /// # Errors
    ///
    /// The system gives no shared memory, or the first line cannot be written.
    pub(crate) fn new(section: &'static str, options: &Common, journal: Journal, view: View) -> Result<Self, Error> {
        let lang = options.lang.unwrap_or_else(Lang::of_locale);
        let seed = options.seed.unwrap_or_else(|| rand::random_range(0..1_000_000));
        // Before anybody records: the run's own machinery is no part of the record.
        let failures = Queue::with_max_message(1, 8192)?;
        let shown = view.is_journal();
        let recording = (shown || journal.is_kept()).then(|| Recording::start(&journal, MAIN, shown)).transpose()?;
        let run = Run { lang, speed: options.speed, seed, journal, view, failures };
        let actor = Actor::main(Arc::new(run), "", MAIN.to_owned());
        let mut data =
            object(json!({ "section": section, "seed": seed, "speed": options.speed.to_string(), "lang": lang }));
        data.insert("version".to_owned(), VERSION.into());
        actor.tell(Kind::Run, None, data)?;
        Ok(Self { actor, section, scene: None, scenes: Vec::new(), cut_short: None, recording })
    }

    /// Plays one scene: what `act` claims, observes and measures is its report.
    ///
    /// # Errors
    ///
    /// What `act` returns. Then the scene has no report.
    pub fn scene(&mut self, name: &'static str, act: impl FnOnce(&mut Self) -> Result<(), Error>) -> Result<(), Error> {
        let main = text!(self, "main", "主进程");
        if let Some(recording) = &self.recording {
            recording.rename_main(&main);
        }
        let actor = Actor::main(Arc::clone(&self.actor.run), name, main);
        let mark = actor.run.journal.mark()?;
        self.actor = actor;
        self.scene = Some(OpenScene { name, mark, claims: Vec::new(), figures: Vec::new() });
        self.tell(Kind::Scene, Some(name.to_owned()), Map::new())?;
        act(self)?;
        let Some(OpenScene { name, claims, figures, .. }) = self.scene.take() else { return Ok(()) };
        let unseen =
            |claimed: Claimed| claimed.check.unwrap_or_else(|| Check::new(claimed.text, &claimed.expect, Value::Null));
        let checks = claims.into_iter().map(unseen).collect();
        let report = SceneReport { scene: name.to_owned(), checks, figures };
        self.run.view.scene_ends(&report, self.run.lang)?;
        self.scenes.push(report);
        Ok(())
    }

    /// Claims something about this scene before the act.
    ///
    /// # Errors
    ///
    /// The claim cannot be written.
    ///
    /// # Panics
    ///
    /// Outside a scene.
    #[track_caller]
    pub fn claim(&mut self, text: impl Into<String>, expect: Expect) -> Result<Claim, Error> {
        let text = text.into();
        let told = self.tell(Kind::Claim, Some(text.clone()), object(json!({ "expected": expect.shown() })))?;
        let other = told.data.get("other").cloned();
        let claims = &mut self.open().claims;
        claims.push(Claimed { text, other, expect, check: None });
        Ok(Claim(claims.len() - 1))
    }

    /// Holds a claim against what was observed. True if it held.
    ///
    /// # Errors
    ///
    /// The check cannot be written.
    ///
    /// # Panics
    ///
    /// Outside the scene in which the claim was made.
    #[expect(clippy::needless_pass_by_value, reason = "a claim is used up: it is checked once")]
    #[track_caller]
    pub fn check(&mut self, claim: Claim, observed: impl Into<Value>) -> Result<bool, Error> {
        let claimed = &mut self.open().claims[claim.0];
        let check = Check::new(claimed.text.clone(), &claimed.expect, observed.into());
        claimed.check = Some(check.clone());
        let data = json!({ "expected": check.expected, "observed": check.observed, "held": check.held });
        let mut data = object(data);
        data.extend(claimed.other.take().map(|other| ("other".to_owned(), other)));
        self.tell(Kind::Check, Some(check.claim), data)?;
        Ok(check.held)
    }

    /// Claims that no child and no zombie is left when the scene has ended: [`Stage::check_nothing_left`].
    ///
    /// # Errors
    ///
    /// As [`Stage::claim`].
    ///
    /// # Panics
    ///
    /// As [`Stage::claim`].
    #[track_caller]
    pub fn claim_nothing_left(&mut self) -> Result<Claim, Error> {
        self.claim(text!(self, "no child and no zombie is left", "没有留下任何子进程或僵尸进程"), Is(0))
    }

    /// Holds [`Stage::claim_nothing_left`] against what `/proc` says.
    ///
    /// # Errors
    ///
    /// As [`Stage::check`]; `/proc` cannot be read.
    ///
    /// # Panics
    ///
    /// As [`Stage::check`].
    #[track_caller]
    pub fn check_nothing_left(&mut self, claim: Claim) -> Result<bool, Error> {
        let left = procfs::children()?.len();
        self.check(claim, left)
    }

    /// Reports a number that stands beside others: `measure` of `subject`, as in wall time of threads. Its
    /// name is both, and pictures draw all numbers of one measure as bars.
    ///
    /// # Errors
    ///
    /// As [`Stage::figure`].
    ///
    /// # Panics
    ///
    /// As [`Stage::figure`].
    #[track_caller]
    pub fn compare(&mut self, subject: &str, measure: &str, value: impl Into<Value>, unit: &str) -> Result<(), Error> {
        self.measured(
            Figure { name: format!("{subject}, {measure}"), value: value.into(), unit: unit.to_owned() },
            object(json!({ "measure": measure, "subject": subject })),
        )
    }

    /// Reports a number that was measured.
    ///
    /// # Errors
    ///
    /// The figure cannot be written.
    ///
    /// # Panics
    ///
    /// Outside a scene.
    #[track_caller]
    pub fn figure(&mut self, name: &str, value: impl Into<Value>, unit: &str) -> Result<(), Error> {
        self.measured(Figure { name: name.to_owned(), value: value.into(), unit: unit.to_owned() }, Map::new())
    }

    #[track_caller]
    fn measured(&mut self, figure: Figure, mut data: Map<String, Value>) -> Result<(), Error> {
        data.extend([("value".to_owned(), figure.value.clone()), ("unit".to_owned(), figure.unit.clone().into())]);
        self.tell(Kind::Figure, Some(figure.name.clone()), data)?;
        self.open().figures.push(figure);
        Ok(())
    }

    /// Says that `signal` cut this scene short, but that it has a result: what was measured until then.
    ///
    /// The run prints its report, and then ends as by [`Error::Interrupted`]. A scene without a result
    /// returns that error instead.
    pub fn cut_short(&mut self, signal: Signal) {
        self.cut_short = Some(signal);
    }

    /// What was recorded since this scene began, in the order in which it was written.
    ///
    /// # Errors
    ///
    /// The journal cannot be read.
    ///
    /// # Panics
    ///
    /// Outside a scene.
    pub fn events(&mut self) -> Result<Vec<Event>, Error> {
        let mark = self.open().mark;
        self.run.journal.events_since(mark)
    }

    /// Whether both were said in this scene, the first before the second.
    ///
    /// # Errors
    ///
    /// The journal cannot be read.
    ///
    /// # Panics
    ///
    /// Outside a scene.
    pub fn said_before(&mut self, first: &str, second: &str) -> Result<bool, Error> {
        let events = self.events()?;
        let said = |text: &str| {
            let said = |event: &&Event| event.kind == Kind::Say && event.text.as_deref() == Some(text);
            events.iter().find(said).map(|event| event.t)
        };
        Ok(said(first).zip(said(second)).is_some_and(|(first, second)| first < second))
    }

    /// Ends the run: prints its verdict. True if every check held; [`Error::Interrupted`] if it was
    /// [cut short](Self::cut_short).
    pub(crate) fn finish(self) -> Result<bool, Error> {
        let Self { actor, section, scenes, cut_short, .. } = self;
        let held = scenes.iter().flat_map(|scene| &scene.checks).all(|check| check.held);
        let elapsed_ms = actor.run.journal.began().elapsed().as_secs_f64() * 1000.0;
        let elapsed_ms = (elapsed_ms * 10.0).round() / 10.0;
        let report = Report { section: section.to_owned(), seed: actor.run.seed, held, elapsed_ms, scenes };
        actor.run.view.run_ends(&report, actor.run.lang)?;
        cut_short.map_or(Ok(held), |signal| Err(Error::Interrupted(signal)))
    }

    fn open(&mut self) -> &mut OpenScene {
        self.scene.as_mut().expect("claims, figures and checks belong to a scene")
    }
}

impl Deref for Stage {
    type Target = Actor;

    fn deref(&self) -> &Actor {
        &self.actor
    }
}
