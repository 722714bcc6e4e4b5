//! What the main process of a section talks to: an actor that also claims, checks and measures.
//!
//! A scene is honest by construction: what must happen is claimed before the act, the claim is held
//! against what was observed, and a claim that was never looked at has failed.

mod answer;
mod checks;
mod told;

use std::ops::Deref;
use std::sync::Arc;

use nix::sys::signal::Signal;
use serde_json::{Map, Value, json};

use journal::{Event, Journal, Kind, Recording, Show, VERSION};

use crate::actor::{Actor, Failures, Run, object};
use crate::claims::Record;
use crate::error::Error;
use crate::lang::Lang;
use crate::report::{Check, Figure, Report, SceneReport};
use crate::settings::Settings;
use crate::view::{self, View};
use crate::words::Text;

use answer::TakeBack;
use checks::Claimed;

pub use checks::Claim;

crate::words! {
    /// The first process of a run.
    pub(crate) fn main_process() { en: "main", zh: "主进程" }
}

/// The name of the first process before the first scene, in every language.
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
    /// What is undone if the report cannot be written: it is the answer.
    unanswered: Option<TakeBack>,
}

#[derive(Debug)]
struct OpenScene {
    name: &'static str,
    /// How far the journal went when it began.
    offset: u64,
    claims: Vec<Claimed>,
    figures: Vec<Figure>,
    /// Whether what is measured now was said in a table.
    is_in_table: bool,
}

impl Stage {
    /// The stage of a run of `section`, which is recorded in `journal` if that keeps anything.
    ///
    /// # Errors
    ///
    /// The system gives no shared memory, or the first line cannot be written.
    pub(crate) fn new(section: &'static str, settings: Settings, journal: Journal) -> Result<Self, Error> {
        let Settings { lang, speed, seed, format, bare } = settings;
        let view = View::new(format, bare, lang, journal.began());
        // Before the recording begins: the run's own machinery is no part of the record.
        let failures = Failures::new(lang)?;
        let shown = view.is_journal();
        let show = Show { line: shown.then_some(view::show_line as fn(&[u8])), unlocked: Some(view::show_waiting) };
        let recording = (shown || journal.is_kept()).then(|| journal::watch(&journal, MAIN, show)).transpose()?;
        let run = Run { lang, speed, seed, journal, view, failures };
        let actor = Actor::main(Arc::new(run), "", &MAIN.into());
        let mut data = object(json!({ "section": section, "seed": seed, "speed": speed.to_string(), "lang": lang }));
        data.insert("version".to_owned(), VERSION.into());
        actor.tell(Kind::Run, None, data)?;
        Ok(Self { actor, section, scene: None, scenes: Vec::new(), cut_short: None, recording, unanswered: None })
    }

    /// The stage of a run of `tool`: a program that claims, checks and measures as a section does, but has
    /// options of its own and no scenes to choose from. It keeps no journal, so
    /// [`events`](Self::events) returns none.
    ///
    /// ```
    /// use common::cli::{self, Format, Speed};
    /// use common::help::Help;
    /// use common::lang::Lang;
    /// use common::report::Is;
    /// use common::settings::Settings;
    /// use common::stage::Stage;
    ///
    /// #[derive(clap::Parser)]
    /// struct Options {
    ///     #[arg(default_value = "2")]
    ///     two: u64,
    /// }
    ///
    /// fn run(options: &Options) -> Result<bool, common::Error> {
    ///     let format = Format::Json;
    ///     let settings = Settings { lang: Lang::En, speed: Speed::INFINITE, seed: 7, format, bare: false };
    ///     let mut stage = Stage::for_tool("adder", settings)?;
    ///     stage.scene("add", |stage| {
    ///         let four = stage.claim("two and two is four", Is(4))?;
    ///         stage.check(four, 2 + options.two)?;
    ///         Ok(())
    ///     })?;
    ///     stage.finish()
    /// }
    ///
    /// assert_eq!(cli::run_tool("adder", Help::ENGLISH, ["adder"].map(Into::into), run), 0);
    /// assert_eq!(cli::run_tool("adder", Help::ENGLISH, ["adder", "3"].map(Into::into), run), 1); // the claim does not hold
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Toolkit`] if the system gives no shared memory; the first line cannot be written.
    pub fn for_tool(tool: &'static str, settings: Settings) -> Result<Self, Error> {
        Self::new(tool, settings, Journal::forgetful())
    }

    /// Plays one scene: what `act` claims, observes and measures is its report.
    ///
    /// # Errors
    ///
    /// What `act` returns. Then the scene has no report.
    pub fn scene(&mut self, name: &'static str, act: impl FnOnce(&mut Self) -> Result<(), Error>) -> Result<(), Error> {
        let main = main_process();
        if let Some(recording) = &self.recording {
            recording.rename_main(&main.in_lang(self.lang()));
        }
        let actor = Actor::main(Arc::clone(&self.actor.run), name, &main);
        let offset = actor.run.journal.offset();
        self.actor = actor;
        self.scene = Some(OpenScene { name, offset, claims: Vec::new(), figures: Vec::new(), is_in_table: false });
        self.tell(Kind::Scene, Some(&name.into()), Map::new())?;
        act(self)?;
        let Some(OpenScene { name, claims, figures, .. }) = self.scene.take() else { return Ok(()) };
        let lang = self.lang();
        let unseen = |claimed: Claimed| {
            claimed.check.unwrap_or_else(|| Check::new(&claimed.text, lang, &claimed.expect, &Value::Null.into()))
        };
        let checks = claims.into_iter().map(unseen).collect();
        let report = SceneReport { scene: name.to_owned(), checks, figures };
        self.run.view.scene_ends(&report)?;
        self.scenes.push(report);
        Ok(())
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
    pub fn compare(
        &mut self,
        subject: impl Into<Text>,
        measure: impl Into<Text>,
        value: impl Into<Value>,
        unit: impl Into<Text>,
    ) -> Result<(), Error> {
        let (subject, measure) = (subject.into(), measure.into());
        let lang = self.lang();
        let data = json!({ "measure": measure.in_lang(lang), "subject": subject.in_lang(lang) });
        let name = format!("{}, {}", subject.name(), measure.name());
        self.measured(name, &told::compared(subject, measure), value.into(), &unit.into(), object(data))
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
    pub fn figure(
        &mut self,
        name: impl Into<Text>,
        value: impl Into<Value>,
        unit: impl Into<Text>,
    ) -> Result<(), Error> {
        let words = name.into();
        self.measured(words.name(), &words, value.into(), &unit.into(), Map::new())
    }

    /// Reports the figures of a table that the scene has said: what `report` measures. Text output has the table, and
    /// does not list its numbers again; JSON, the journal and the report of a tour have each of them.
    ///
    /// # Errors
    ///
    /// What `report` returns.
    ///
    /// # Panics
    ///
    /// Outside a scene.
    pub fn figures_of_table(&mut self, report: impl FnOnce(&mut Self) -> Result<(), Error>) -> Result<(), Error> {
        self.open().is_in_table = true;
        let reported = report(self);
        self.open().is_in_table = false;
        reported
    }

    #[track_caller]
    fn measured(
        &mut self,
        name: String,
        words: &Text,
        value: Value,
        unit: &Text,
        mut data: Map<String, Value>,
    ) -> Result<(), Error> {
        data.extend(told::measured(&value, unit));
        self.tell(Kind::Figure, Some(words), data)?;
        let lang = self.lang();
        let (named, unit_words) = (unit.in_lang(Lang::default()), unit.in_lang(lang));
        let scene = self.open();
        let (words, is_in_table) = (words.in_lang(lang), scene.is_in_table);
        scene.figures.push(Figure { name, words, value, unit: named, unit_words, is_in_table });
        Ok(())
    }

    /// Says that `signal` cut this scene short, but that it has a result: what was measured until then.
    ///
    /// The run prints its report, and then ends as by [`Error::Toolkit`]. A scene without a result
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
        let offset = self.open().offset;
        Ok(self.run.journal.events_since(offset)?)
    }

    /// What the journal has of this scene so far.
    ///
    /// # Errors
    ///
    /// The journal cannot be read.
    ///
    /// # Panics
    ///
    /// Outside a scene.
    pub fn record(&mut self) -> Result<Record, Error> {
        Ok(Record::new(self.events()?))
    }

    /// Ends the run: prints its verdict. True if every check of every scene held that has a verdict. A section's run is
    /// ended for it.
    ///
    /// # Errors
    ///
    /// [`Error::Toolkit`] if a scene was [cut short](Self::cut_short); the verdict cannot be written.
    pub fn finish(self) -> Result<bool, Error> {
        let Self { actor, section, scenes, cut_short, unanswered, .. } = self;
        let checks = || scenes.iter().flat_map(|scene| &scene.checks);
        let held = checks().all(|check| check.held != Some(false));
        let no_verdict = checks().filter(|check| check.held.is_none()).count();
        let elapsed_ms = actor.run.journal.began().elapsed().as_secs_f64() * 1000.0;
        let elapsed_ms = (elapsed_ms * 10.0).round() / 10.0;
        let report = Report { section: section.to_owned(), seed: actor.run.seed, held, no_verdict, elapsed_ms, scenes };
        if let Err(lost) = actor.run.view.run_ends(&report) {
            return Err(TakeBack::after(unanswered, lost));
        }
        cut_short.map_or(Ok(held), |signal| Err(Error::interrupted(signal)))
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
