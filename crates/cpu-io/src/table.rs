//! What was measured, side by side: as a table, in one sentence, and as figures.

use std::iter;

use common::Error;
use common::lang::Lang;
use common::stage::Stage;
use common::table::{Column, fitted};
use common::terminal::text_room;
use common::units;
use common::words::Text;

use crate::python::Python;
use crate::rounds::Rounds;
use crate::verdict::{self, Needs};
use crate::ways::Way;
use crate::words;

/// The measurements of one kind of work, each in the order of [`Way::ALL`].
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) rust: [Rounds; 3],
    /// What the work needs, in Rust.
    pub(crate) needs: Needs,
    pub(crate) python: Python,
}

/// How big the tasks were.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Size {
    /// Too small for a verdict: only the speed-ups are figures.
    OfTheNotes,
    /// As the options say.
    Chosen,
}

#[derive(Clone, Copy, Debug)]
enum Language {
    Rust,
    Python,
}

impl Table {
    /// Says the table and, of tasks that are big enough, which way did best; reports the figures.
    pub(crate) fn report(&self, stage: &mut Stage, kind: &Text, size: Size) -> Result<(), Error> {
        self.say(stage)?;
        if size == Size::OfTheNotes {
            return stage.figures_of_table(|stage| self.speed_ups(stage, &words::speed_up_at_notes_size()));
        }
        self.verdict(stage, kind)?;
        stage.figures_of_table(|stage| {
            self.times(stage)?;
            self.speed_ups(stage, &words::speed_up())
        })
    }

    /// Says a table, and below it what a reader has to know of Python's rows.
    fn say(&self, stage: &Stage) -> Result<(), Error> {
        // The run's own language is read on the terminal; it has as many lines as the other one, or more.
        let room = |lang| text_room().filter(|_| lang == stage.lang());
        let [english, chinese] = [Lang::En, Lang::Zh].map(|lang| self.lines(lang, room(lang)));
        let count = english.len().max(chinese.len());
        let [mut english, mut chinese] =
            [english, chinese].map(|lines| lines.into_iter().chain(iter::repeat(String::new())));
        for _ in 0..count {
            stage.say(words::line(english.next().unwrap_or_default(), chinese.next().unwrap_or_default()))?;
        }
        self.python.remark.iter().try_for_each(|remark| stage.say(remark))
    }

    fn lines(&self, lang: Lang, room: Option<usize>) -> Vec<String> {
        let rust = if cfg!(debug_assertions) { words::rust_not_optimised() } else { words::rust() };
        let rows: Vec<_> = self
            .languages()
            .flat_map(|(language, took)| {
                let name = match language {
                    Language::Rust => rust.in_lang(lang),
                    Language::Python => self.python.name.clone(),
                };
                Way::ALL.into_iter().map(move |way| {
                    let [wall, cpu, speed_up] = cells(took, way);
                    let (fastest, slowest) = (took[way as usize].fastest() * 1e3, took[way as usize].slowest() * 1e3);
                    let rounds = words::from_to(fastest, slowest).in_lang(lang);
                    [name.clone(), way.text().in_lang(lang), wall, rounds, cpu, speed_up]
                })
            })
            .collect();
        let [wall, rounds, cpu, speed_up] =
            [words::wall_ms(), words::rounds(), words::cpu_ms(), words::speed_up()].map(|head| head.in_lang(lang));
        let (wall, rounds, cpu) = (Column::Right(&wall), Column::Spare(&rounds), Column::Right(&cpu));
        let head = [Column::Left(""), Column::Left(""), wall, rounds, cpu, Column::Right(&speed_up)];
        fitted(head, &rows, room)
    }

    /// The fastest way, or why these measurements do not tell.
    fn verdict(&self, stage: &Stage, kind: &Text) -> Result<(), Error> {
        let cores = cores();
        for (language, took) in self.languages() {
            let needs = self.needs.of(language);
            let language = language.text();
            stage.say(match verdict::best(took, needs).as_deref() {
                Err(doubt) => words::no_verdict(kind, language, doubt),
                Ok([Way::Serial, ..] | []) => words::nothing_beat_serial(kind, language, cores),
                Ok([way]) => words::did_best(kind, language, cores, way.text(), speed_up(took, *way)),
                Ok([first, second, ..]) => {
                    let (one, two) = (speed_up(took, *first), speed_up(took, *second));
                    words::both_did_best(kind, language, cores, first.text(), second.text(), one, two)
                }
            })?;
        }
        Ok(())
    }

    /// How many times as fast as serial a way is in Rust, and why that proves nothing, if it does not.
    pub(crate) fn compared(&self, way: Way) -> (f64, Option<Text>) {
        (speed_up(&self.rust, way), verdict::doubt(&self.rust, way, self.needs))
    }

    fn times(&self, stage: &mut Stage) -> Result<(), Error> {
        for (language, took) in self.languages() {
            for (took, way) in took.iter().zip(Way::ALL) {
                stage.compare(subject(language, way), words::wall_time(), took.wall() * 1e3, units::ms())?;
                let spread = took.slowest() - took.fastest();
                stage.compare(subject(language, way), words::spread(), spread * 1e3, units::ms())?;
                stage.compare(subject(language, way), words::cpu_time(), took.cpu() * 1e3, units::ms())?;
            }
        }
        Ok(())
    }

    fn speed_ups(&self, stage: &mut Stage, measure: &Text) -> Result<(), Error> {
        for (language, took) in self.languages() {
            for way in Way::ALL.into_iter().filter(|way| *way != Way::Serial) {
                stage.compare(subject(language, way), measure, speed_up(took, way), units::times())?;
            }
        }
        Ok(())
    }

    fn languages(&self) -> impl Iterator<Item = (Language, &[Rounds; 3])> {
        let python = self.python.took.as_ref().map(|took| (Language::Python, took));
        iter::once((Language::Rust, &self.rust)).chain(python)
    }
}

impl Needs {
    /// In Python only one thread computes at a time.
    fn of(self, language: Language) -> Self {
        match (language, self) {
            (Language::Python, Self::AllCores { .. }) => Self::OneCore,
            (_, needs) => needs,
        }
    }
}

impl Language {
    fn text(self) -> Text {
        match self {
            Self::Rust => words::rust(),
            Self::Python => words::python(),
        }
    }
}

/// The subject of a figure.
fn subject(language: Language, way: Way) -> Text {
    match (language, way) {
        (Language::Rust, Way::Serial) => words::rust_serial(),
        (Language::Rust, Way::Threads) => words::rust_threads(),
        (Language::Rust, Way::Processes) => words::rust_processes(),
        (Language::Python, Way::Serial) => words::python_serial(),
        (Language::Python, Way::Threads) => words::python_threads(),
        (Language::Python, Way::Processes) => words::python_processes(),
    }
}

/// The numbers of one row: wall and CPU time in milliseconds, and the speed-up.
fn cells(took: &[Rounds; 3], way: Way) -> [String; 3] {
    let rounds = &took[way as usize];
    [format!("{:.1}", rounds.wall() * 1e3), format!("{:.1}", rounds.cpu() * 1e3), format!("{:.2}", speed_up(took, way))]
}

/// How many times as fast as serial, by the medians.
fn speed_up(took: &[Rounds; 3], way: Way) -> f64 {
    took[0].wall() / took[way as usize].wall()
}

/// How many tasks this machine computes at once.
pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
