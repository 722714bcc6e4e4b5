//! What was measured, side by side: as a table, in one sentence, and as figures.

use std::iter;

use common::Error;
use common::lang::Lang;
use common::stage::Stage;
use common::table::{Column, fitted};
use common::terminal::text_room;
use common::words::Text;

use crate::python::Python;
use crate::ways::{Took, Way};
use crate::words;

/// The measurements of one kind of work, each in the order of [`Way::ALL`].
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) rust: [Took; 3],
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
        match size {
            Size::OfTheNotes => self.speed_ups(stage, &words::speed_up_at_notes_size()),
            Size::Chosen => {
                self.verdict(stage, kind)?;
                self.times(stage)?;
                self.speed_ups(stage, &words::speed_up())
            }
        }
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
                Way::ALL.into_iter().enumerate().map(move |(i, way)| {
                    let [wall, cpu, speed_up] = cells(took, i);
                    [name.clone(), way.text().in_lang(lang), wall, cpu, speed_up]
                })
            })
            .collect();
        let [wall, cpu, speed_up] =
            [words::wall_ms(), words::cpu_ms(), words::speed_up()].map(|head| head.in_lang(lang));
        let head =
            [Column::Left(""), Column::Left(""), Column::Right(&wall), Column::Right(&cpu), Column::Right(&speed_up)];
        fitted(head, &rows, room)
    }

    /// The fastest way, by the numbers of this run.
    fn verdict(&self, stage: &Stage, kind: &Text) -> Result<(), Error> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        for (language, took) in self.languages() {
            let language = language.text();
            let best = (0..took.len()).min_by(|a, b| took[*a].wall.total_cmp(&took[*b].wall)).unwrap_or_default();
            stage.say(match Way::ALL[best] {
                Way::Serial => words::nothing_beat_serial(kind, language, cores),
                way => words::did_best(kind, language, cores, way.text(), speed_up(took, best)),
            })?;
        }
        Ok(())
    }

    fn times(&self, stage: &mut Stage) -> Result<(), Error> {
        for (language, took) in self.languages() {
            for (took, way) in took.iter().zip(Way::ALL) {
                stage.compare(subject(language, way), words::wall_time(), took.wall * 1e3, "ms")?;
                stage.compare(subject(language, way), words::cpu_time(), took.cpu * 1e3, "ms")?;
            }
        }
        Ok(())
    }

    fn speed_ups(&self, stage: &mut Stage, measure: &Text) -> Result<(), Error> {
        for (language, took) in self.languages() {
            for (i, way) in Way::ALL.into_iter().enumerate().filter(|(_, way)| *way != Way::Serial) {
                stage.compare(subject(language, way), measure, speed_up(took, i), "times")?;
            }
        }
        Ok(())
    }

    fn languages(&self) -> impl Iterator<Item = (Language, &[Took; 3])> {
        let python = self.python.took.as_ref().map(|took| (Language::Python, took));
        iter::once((Language::Rust, &self.rust)).chain(python)
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
fn cells(took: &[Took; 3], i: usize) -> [String; 3] {
    let Took { wall, cpu } = took[i];
    [format!("{:.1}", wall * 1e3), format!("{:.1}", cpu * 1e3), format!("{:.2}", speed_up(took, i))]
}

/// How many times as fast as serial, the first of [`Way::ALL`].
fn speed_up(took: &[Took; 3], i: usize) -> f64 {
    took[0].wall / took[i].wall
}
