//! What is drawn of a run when it has ended, as its options ask for.

use std::io::{self, Write};
use std::path::PathBuf;

use journal::Journal;
use timeline::lanes::{self, Run};
use timeline::{Look, svg, trace};

use crate::error::Error;
use crate::terminal::look;
use crate::view::{self, Format};
use crate::whole_file::WholeFile;

crate::words! {
    fn timeline_of_a_command() {
        en: "--timeline draws scenes, and a command plays none; leave out one of them",
        zh: "--timeline 画的是场景,而命令没有场景;请去掉其中一个"
    }
    fn timeline_is_text() {
        en: "--timeline is text, and --format asks for JSON; take --svg FILE or --trace FILE",
        zh: "--timeline 是文本,而 --format 要的是 JSON;请改用 --svg 或 --trace"
    }
    fn same_file() {
        en: "--trace and --svg name the same file; each needs one of its own",
        zh: "--trace 和 --svg 是同一个文件;它们各要一个文件"
    }
}

/// The options of every section that ask for pictures.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Options of every section")]
pub struct PictureOptions {
    /// After the run, draw who ran, waited, held, slept and died, and when
    #[arg(long, global = true)]
    pub timeline: bool,
    /// Write the run as a trace that Perfetto (ui.perfetto.dev) opens, and Chrome's own viewer
    #[arg(long, value_name = "FILE", global = true)]
    pub trace: Option<PathBuf>,
    /// Write the timeline as an image
    #[arg(long, value_name = "FILE", global = true)]
    pub svg: Option<PathBuf>,
    /// Draw what serves the demonstration alone, too: events that force an order, queues that carry results
    #[arg(long, global = true)]
    pub all_lanes: bool,
}

/// Pictures that can be drawn, as far as that can be known before the run.
#[derive(Debug)]
pub(crate) struct Pictures {
    timeline: Option<Look>,
    trace: Option<WholeFile>,
    svg: Option<WholeFile>,
    read: fn(&[u8]) -> Run,
}

impl Pictures {
    /// Refuses what cannot be drawn, before anything happens.
    pub(crate) fn prepare(options: &PictureOptions, format: Format, is_command: bool) -> Result<Self, Error> {
        if options.timeline && is_command {
            return Err(Error::Usage(timeline_of_a_command()));
        }
        if options.timeline && format != Format::Text {
            return Err(Error::Usage(timeline_is_text()));
        }
        let file = |path: &Option<PathBuf>| path.as_deref().map(WholeFile::prepare).transpose();
        let (trace, svg) = (file(&options.trace)?, file(&options.svg)?);
        if trace.is_some() && trace == svg {
            return Err(Error::Usage(same_file()));
        }
        let read = if options.all_lanes { lanes::read_lines } else { lanes::read_lesson_lines };
        Ok(Self { timeline: options.timeline.then(look), trace, svg, read })
    }

    /// Whether any is asked for.
    pub(crate) fn is_any(&self) -> bool {
        self.timeline.is_some() || self.trace.is_some() || self.svg.is_some()
    }

    /// Draws all of them. One that cannot be drawn does not keep the others from it.
    pub(crate) fn draw(&self, journal: &Journal) -> Result<(), Error> {
        if !self.is_any() {
            return Ok(());
        }
        let mut run = (self.read)(&journal.lines_since(0)?);
        run.holes = journal.holes()?;
        let write = |file: &Option<WholeFile>, draw: fn(&Run, &mut dyn Write) -> io::Result<()>| {
            let fill = |out: &mut dyn Write| draw(&run, out);
            file.as_ref().map_or(Ok(()), |file| file.write(fill))
        };
        let drawn = [write(&self.trace, trace::write), write(&self.svg, svg::write)];
        if let Some(look) = self.timeline {
            timeline::draw(&run, look).iter().try_for_each(|line| view::write_line(line))?;
        }
        drawn.into_iter().collect()
    }
}
