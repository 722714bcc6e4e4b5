//! One run of a lesson, one process of which is killed: of the section, or of the server that it talks to.

use std::net::SocketAddr;
use std::os::fd::BorrowedFd;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use common::journal::{Event, Kind};
use common::process::Exit;
use common::{Error, cli, endings, foreign};
use nix::sys::signal::Signal;
use rand::RngExt;
use rand::rngs::Xoshiro256PlusPlus;

use super::program::Program;
use super::{Length, Lengths, due};
use crate::NAME;
use crate::sections::{Lesson, PATIENCE, SOON, Tour};
use crate::words;

/// A lesson that runs.
pub(super) struct LessonRun {
    lesson: Lesson,
    place: PathBuf,
    seed: String,
    /// The server, if there is one, and then the section.
    programs: Vec<Program>,
    /// How long the section takes without a kill.
    whole: Duration,
    /// Which of them is hit.
    of_server: bool,
    when: When,
    draw: usize,
    hit: Option<Hit>,
    /// How long it went on after it was due to end. Zero as long as its usual end is not known.
    late: Duration,
    /// The server was asked to end, because its client has.
    asked: bool,
    /// It did not end by itself.
    was_ended: bool,
}

/// When a process is killed.
#[derive(Clone, Copy, Debug)]
enum When {
    AfterLines(u64),
    AfterTime(Duration),
}

/// A process that was killed.
#[derive(Clone, Copy, Debug)]
struct Hit {
    pid: i32,
    at: Instant,
}

/// How a run ended.
pub(super) struct End {
    pub(super) was_killed: bool,
    pub(super) is_wrong: bool,
    /// How long it ran on after it was due to end.
    pub(super) late: Duration,
}

impl LessonRun {
    pub(super) fn start(
        lesson: Lesson,
        tour: &Tour,
        place: PathBuf,
        lengths: &Lengths,
        random: &mut Xoshiro256PlusPlus,
    ) -> Result<Self, Error> {
        let seed = random.random_range(0..u32::MAX).to_string();
        let of_server = lesson.server.is_some() && random.random();
        let Length { lines, time, .. } = lengths.of(if of_server { lesson.first().name } else { lesson.section.name });
        let part = random.random_range(0.0..1.0);
        let when = if random.random() {
            #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            When::AfterLines((lines as f64 * part) as u64)
        } else {
            When::AfterTime(time.mul_f64(part))
        };
        let draw = random.random_range(0..720_720);
        let first = Program::start(lesson.first(), tour, &place, &["--seed".to_owned(), seed.clone()])?;
        let (programs, whole) = (vec![first], lengths.of(lesson.section.name).whole);
        Ok(Self {
            lesson,
            place,
            seed,
            programs,
            whole,
            of_server,
            when,
            draw,
            hit: None,
            late: Duration::ZERO,
            asked: false,
            was_ended: false,
        })
    }

    pub(super) fn outputs(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        self.programs.iter().flat_map(Program::outputs)
    }

    pub(super) fn is_over(&self) -> bool {
        self.was_ended || (self.programs.iter().all(Program::is_over) && !self.waits_for_its_server())
    }

    /// Takes what the programs have printed, starts the client, kills when it is time, and ends what does not end.
    /// `passed` is the time since the last look, divided by how many tasks want each processor.
    pub(super) fn look(&mut self, tour: &Tour, passed: Duration) -> Result<(), Error> {
        if self.is_over() {
            return Ok(());
        }
        if let Some(hit) = self.hit
            && !self.whole.is_zero()
        {
            self.late += passed.min(self.due(hit).elapsed());
        }
        self.programs.iter_mut().try_for_each(Program::look)?;
        if self.waits_for_its_server()
            && let Some(port) = port_of(&self.programs[0])
        {
            let more = ["--seed".to_owned(), self.seed.clone(), "--port".to_owned(), port];
            self.programs.push(Program::start(self.lesson.section, tour, &self.place, &more)?);
        }
        if self.hit.is_none()
            && let Some(program) = self.victim()
            && is_time(program, self.when)
        {
            self.hit = program.kill_one(self.draw).map(|pid| Hit { pid, at: Instant::now() });
        }
        if let [server, client] = self.programs.as_slice()
            && client.is_over()
            && !self.asked
        {
            server.terminate()?;
            self.asked = true;
        }
        let since = self.hit.map_or_else(|| self.programs[0].began, |hit| self.due(hit));
        if Instant::now().saturating_duration_since(since)
            > PATIENCE + if self.hit.is_none() { PATIENCE } else { Duration::ZERO }
        {
            self.was_ended = true;
            self.programs.iter_mut().try_for_each(Program::destroy)?;
        }
        Ok(())
    }

    /// Judges a run that is over.
    pub(super) fn end(self, lengths: &mut Lengths) -> End {
        for program in &self.programs {
            let time = program.took.unwrap_or_else(|| program.began.elapsed());
            lengths.learn(program.section.name, program.output.count, time, self.hit.is_none());
        }
        let is_late = self.was_ended || self.late >= SOON;
        let mut is_wrong = self.was_ended;
        for program in &self.programs {
            let ended_well = self.ended_well(program);
            is_wrong |= !ended_well;
            if ended_well && !is_late {
                continue;
            }
            let (name, exit) = (program.section.name, program.exit);
            let exit = exit.map_or_else(|| "".into(), endings::of);
            let hit = self.hit.map_or_else(words::without_a_kill, |hit| words::after_a_kill_of(hit.pid));
            let said = foreign::value(&String::from_utf8_lossy(&program.errors.text));
            let ended = if is_late { words::ended_too_late } else { words::ended };
            cli::notice(NAME, ended(name, exit, hit, said));
        }
        End { was_killed: self.hit.is_some(), is_wrong, late: self.late }
    }

    /// With a verdict, or with an error of one line; without a word, if main itself was killed.
    fn ended_well(&self, program: &Program) -> bool {
        // A panic of one of its processes, which may be part of the lesson, has a line in that process's name.
        let name = format!("{}: ", program.section.name);
        let errors = String::from_utf8_lossy(&program.errors.text);
        let (own, others): (Vec<_>, Vec<_>) = errors.lines().partition(|line| line.starts_with(&name));
        if others.len() > 1 {
            return false;
        }
        match program.exit {
            Some(Exit::Signal(Signal::SIGKILL)) => {
                own.is_empty() && self.hit.is_some_and(|hit| program.is_main(hit.pid))
            }
            // A server goes on when its client is killed, and may say so.
            Some(Exit::Code(0)) if program.section.name == self.lesson.first().name && self.client_was_hit() => {
                own.len() <= 1
            }
            Some(Exit::Code(0)) => own.is_empty(),
            Some(Exit::Code(1)) => own.len() <= 1,
            // What a client says whose server is gone.
            Some(Exit::Code(3)) => own.len() == 1 && self.of_server && self.lesson.server.is_some(),
            _ => false,
        }
    }

    /// The client is not started yet, and its server lives.
    fn waits_for_its_server(&self) -> bool {
        self.lesson.server.is_some() && self.programs.len() == 1 && !self.programs[0].is_over()
    }

    /// A process was killed, of a section that talks to a server.
    fn client_was_hit(&self) -> bool {
        self.lesson.server.is_some() && !self.of_server && self.hit.is_some()
    }

    /// When the run is due to end whose process was hit.
    fn due(&self, hit: Hit) -> Instant {
        due(hit.at, self.programs.last().map_or(hit.at, |section| section.began), self.whole)
    }

    fn victim(&self) -> Option<&Program> {
        if self.of_server {
            self.programs.first()
        } else {
            self.programs.last().filter(|_| !self.waits_for_its_server())
        }
    }
}

impl Lesson {
    fn first(&self) -> &'static crate::sections::Section {
        self.server.unwrap_or(self.section)
    }
}

fn is_time(program: &Program, when: When) -> bool {
    match when {
        When::AfterLines(lines) => program.output.count >= lines,
        When::AfterTime(time) => program.began.elapsed() >= time,
    }
}

/// The port at which a server listens, as soon as it says so.
fn port_of(server: &Program) -> Option<String> {
    let lines = server.output.text.split(|byte| *byte == b'\n');
    let ready =
        lines.filter_map(|line| serde_json::from_slice::<Event>(line).ok()).find(|event| event.kind == Kind::Ready)?;
    let address: SocketAddr = ready.arg("address")?.as_str()?.parse().ok()?;
    Some(address.port().to_string())
}
