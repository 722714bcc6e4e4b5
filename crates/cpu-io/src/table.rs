//! What was measured, side by side: as lines, as figures, and in one sentence.

use common::stage::Stage;
use common::{Error, say, text, view};

use crate::python::Python;
use crate::ways::{Took, Way};

/// The measurements of one kind of work, each in the order of [`Way::ALL`].
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) rust: [Took; 3],
    pub(crate) python: Python,
}

/// How many columns three cells take.
const HALF: usize = 32;

impl Table {
    /// As aligned lines.
    pub(crate) fn say(&self, stage: &Stage) -> Result<(), Error> {
        let left = |text: &str| view::padded(text, 10);
        let build = if cfg!(debug_assertions) {
            text!(stage, "Rust (not optimised)", "Rust(未优化)")
        } else {
            "Rust".to_owned()
        };
        let titles = format!("{}  {}{}", left(""), view::padded(&format!("  {build}"), HALF), self.python.title);
        stage.say(titles)?;
        let head =
            [text!(stage, "wall ms", "耗时 ms"), text!(stage, "CPU ms", "CPU ms"), text!(stage, "speed-up", "加速比")];
        let head: String = head.iter().map(|name| right(name, 10)).collect();
        let python_head = if self.python.took.is_some() { head.as_str() } else { "" };
        stage.say(format!("{}{}{python_head}", left(""), view::padded(&head, HALF)).trim_end())?;
        for (i, way) in Way::ALL.into_iter().enumerate() {
            let python = self.python.took.as_ref().map(|took| cells(took, i)).unwrap_or_default();
            let rust = view::padded(&cells(&self.rust, i), HALF);
            stage.say(format!("{}{rust}{python}", left(&shown(stage, way))).trim_end())?;
        }
        Ok(())
    }

    /// As figures, each with `suffix` behind its name.
    pub(crate) fn figures(&self, stage: &mut Stage, suffix: &str) -> Result<(), Error> {
        for (language, took) in self.languages() {
            for (took, way) in took.iter().zip(Way::ALL.map(Way::name)) {
                let subject = format!("{language} {way}");
                stage.compare(&subject, &format!("wall time{suffix}"), took.wall * 1e3, "ms")?;
                stage.compare(&subject, &format!("CPU time{suffix}"), took.cpu * 1e3, "ms")?;
            }
        }
        self.speed_ups(stage, suffix)
    }

    /// Only the figures that compare.
    pub(crate) fn speed_ups(&self, stage: &mut Stage, suffix: &str) -> Result<(), Error> {
        for (language, took) in self.languages() {
            for (i, way) in Way::ALL.into_iter().enumerate().filter(|(_, way)| *way != Way::Serial) {
                let subject = format!("{language} {}", way.name());
                stage.compare(&subject, &format!("speed-up{suffix}"), speed_up(took, i), "times")?;
            }
        }
        Ok(())
    }

    /// The verdict, as the numbers have it.
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

fn cells(took: &[Took; 3], i: usize) -> String {
    let Took { wall, cpu } = took[i];
    format!("{:>10.1}{:>10.1}{:>10.2}", wall * 1e3, cpu * 1e3, speed_up(took, i))
}

/// How many times as fast as serial, which stands first.
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

/// Padded on the left; a Chinese character takes two columns.
fn right(text: &str, columns: usize) -> String {
    let spaces = view::padded(text, columns).len() - text.len();
    format!("{}{text}", " ".repeat(spaces))
}
