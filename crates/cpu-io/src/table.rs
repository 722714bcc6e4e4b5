//! What was measured, side by side: as a table, as figures, and in one sentence.

use common::stage::Stage;
use common::table::{Column, markdown};
use common::{Error, say, text};

use crate::python::Python;
use crate::ways::{Took, Way};

/// The measurements of one kind of work, each in the order of [`Way::ALL`].
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) rust: [Took; 3],
    pub(crate) python: Python,
}

impl Table {
    /// As a Markdown table, and below it what a reader has to know of Python's rows.
    pub(crate) fn say(&self, stage: &Stage) -> Result<(), Error> {
        let rust = if cfg!(debug_assertions) {
            text!(stage, "Rust (not optimised)", "Rust(未优化)")
        } else {
            "Rust".to_owned()
        };
        let python = self.python.took.as_ref().map(|took| (&self.python.name, took));
        let rows = [(&rust, &self.rust)].into_iter().chain(python).flat_map(|(language, took)| {
            Way::ALL.into_iter().enumerate().map(move |(i, way)| cells(stage, language, way, took, i))
        });
        let rows: Vec<_> = rows.collect();
        let [wall, cpu, speed_up] =
            [text!(stage, "wall ms", "耗时 ms"), text!(stage, "CPU ms", "CPU ms"), text!(stage, "speed-up", "加速比")];
        let head =
            [Column::Left(""), Column::Left(""), Column::Right(&wall), Column::Right(&cpu), Column::Right(&speed_up)];
        let lines = markdown(head, &rows).into_iter().chain(self.python.remark.clone());
        lines.into_iter().try_for_each(|line| stage.say(line))
    }

    /// As figures whose names end in `suffix`.
    pub(crate) fn figures(&self, stage: &mut Stage, suffix: &str) -> Result<(), Error> {
        for (language, took) in self.languages() {
            for (took, way) in took.iter().zip(Way::ALL.map(Way::name)) {
                let subject = format!("{language} {way}");
                stage.compare(&subject, format!("wall time{suffix}"), took.wall * 1e3, "ms")?;
                stage.compare(&subject, format!("CPU time{suffix}"), took.cpu * 1e3, "ms")?;
            }
        }
        self.speed_ups(stage, suffix)
    }

    /// Only the figures that compare.
    pub(crate) fn speed_ups(&self, stage: &mut Stage, suffix: &str) -> Result<(), Error> {
        for (language, took) in self.languages() {
            for (i, way) in Way::ALL.into_iter().enumerate().filter(|(_, way)| *way != Way::Serial) {
                let subject = format!("{language} {}", way.name());
                stage.compare(&subject, format!("speed-up{suffix}"), speed_up(took, i), "times")?;
            }
        }
        Ok(())
    }

    /// The fastest way, by the numbers of this run.
    pub(crate) fn verdict(&self, stage: &Stage, kind: &str) -> Result<(), Error> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        for (language, took) in self.languages() {
            let best = (0..took.len()).min_by(|a, b| took[*a].wall.total_cmp(&took[*b].wall)).unwrap_or_default();
            let (way, times) = (Way::ALL[best], speed_up(took, best));
            let best = shown(stage, way);
            if way == Way::Serial {
                say!(
                    stage,
                    "{kind}, {language}, {cores} cores: nothing beat serial in this run",
                    "{kind},{language},{cores} 核:这一次没有什么比串行更快"
                )?;
            } else {
                say!(
                    stage,
                    "{kind}, {language}, {cores} cores: {best} did best, {times:.2} times as fast as serial",
                    "{kind},{language},{cores} 核:{best}最快,是串行的 {times:.2} 倍"
                )?;
            }
        }
        Ok(())
    }

    fn languages(&self) -> impl Iterator<Item = (&'static str, &[Took; 3])> {
        let python = self.python.took.as_ref().map(|took| ("Python", took));
        std::iter::once(("Rust", &self.rust)).chain(python)
    }
}

fn cells(stage: &Stage, language: &str, way: Way, took: &[Took; 3], i: usize) -> [String; 5] {
    let Took { wall, cpu } = took[i];
    let numbers = [format!("{:.1}", wall * 1e3), format!("{:.1}", cpu * 1e3), format!("{:.2}", speed_up(took, i))];
    let [wall, cpu, speed_up] = numbers;
    [language.to_owned(), shown(stage, way), wall, cpu, speed_up]
}

/// How many times as fast as serial, the first of [`Way::ALL`].
fn speed_up(took: &[Took; 3], i: usize) -> f64 {
    took[0].wall / took[i].wall
}

fn shown(stage: &Stage, way: Way) -> String {
    match way {
        Way::Serial => text!(stage, "serial", "串行"),
        Way::Threads => text!(stage, "threads", "多线程"),
        Way::Processes => text!(stage, "processes", "多进程"),
    }
}
