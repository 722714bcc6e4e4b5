//! Notes 10, the client: it says hello, and prints the answer in upper case; or it says it on
//! thousands of connections at once, and measures how long the answers take.

mod connect;
pub mod exchange;
mod latency;
mod message;
mod progress;
mod talk;
mod under_load;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

use common::cli::{self, CommonOptions, Scene, Section};
use common::report::Is;
use common::stage::{Claim, Stage};
use common::{Error, claim};

use load::{Plan, TIMEOUT, Until, allow_connections};

/// A client that says hello to tcp-server every two seconds, and prints the answer.
///
/// A client connects, and then has a stream of bytes both ways. A stream knows no messages: an
/// answer may come in several pieces, so the client reads until it has as many bytes as it sent.
/// It reads while it still writes: a long message does not fit into the buffers between the two,
/// and if both sides only wrote, both would wait for ever.
///
/// If the connection is lost it connects again and repeats the message; after five tries in vain it
/// gives up. The pauses before the tries grow, and have jitter, so that clients who were lost
/// together do not come back together. It runs until Ctrl-C, or until it has had --count answers.
///
/// With --connections it puts a load on the server: so many connections at once, every answer
/// verified byte for byte, and a distribution of how long the answers took.
///
///   A closed loop (the default) sends the next message of a connection when its last one has been
///   answered. It finds the highest throughput. How long users wait it does not tell: a server that
///   stands still for a second makes the client stand still with it, and instead of all who would
///   have come in that second it counts one slow answer for each connection. The stall vanishes from
///   the p99. This is called coordinated omission.
///
///   An open loop (--rate) sends at fixed times, as users do, who know nothing of each other. A
///   message that had to wait for its turn is counted from when it was due, so every one of that
///   second counts with its whole delay. Believe the p99 of an open loop, at a rate that the server
///   can keep up with; a rate that is beyond reach is told, with what was reached.
///
/// --speed divides the talk's two seconds and the pauses before its new tries. It changes nothing in
/// --duration, --rate and --timeout: those are seconds of the clock.
///
/// Scenes:
///   talk  without --connections
///   load  with --connections
#[derive(Debug, clap::Parser)]
#[command(name = "tcp-client", version, verbatim_doc_comment, after_help = EXAMPLES)]
pub struct Options {
    /// The address of the server, or its name
    #[arg(long, value_name = "HOST", default_value = "127.0.0.1")]
    host: String,
    /// The port of the server
    #[arg(long, value_name = "PORT", default_value_t = 8005, value_parser = clap::value_parser!(u16).range(1..))]
    port: u16,
    /// What to say
    #[arg(long, value_name = "TEXT", default_value = "hello")]
    message: String,
    /// Say what is in FILE, up to 64 MiB of any bytes: a command line has no room for long messages
    #[arg(long, value_name = "FILE", conflicts_with = "message")]
    message_file: Option<PathBuf>,
    /// End after N answers, on each connection [default: go on until Ctrl-C, or as --duration says]
    #[arg(long, value_name = "N")]
    count: Option<u64>,
    /// Wait no longer for a connection, or for an answer: it counts as lost, and the message is repeated
    /// on a new one [default: wait for ever; under load 10]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    timeout: Option<Duration>,
    /// Put a load on the server, with N connections at once
    #[arg(long, value_name = "N", help_heading = "Load")]
    connections: Option<usize>,
    /// How long the load lasts [default: 10]
    #[arg(long, value_name = "SECONDS", value_parser = seconds, help_heading = "Load")]
    duration: Option<Duration>,
    /// An open loop: so many messages a second, on all connections together
    #[arg(long, value_name = "R", help_heading = "Load")]
    rate: Option<f64>,
    #[command(flatten)]
    common: CommonOptions,
    /// What the options name, looked up once.
    #[arg(skip)]
    found: OnceLock<Found>,
}

const EXAMPLES: &str = "Examples:
  tcp-server                                in another terminal, first
  tcp-client                                says hello until Ctrl-C
  tcp-client --count 3 --speed 1            three times, at the notes' own pace
  tcp-client --message '你好, world' --count 1
  tcp-client --count 10000 --speed inf      how long does one round trip take?
  tcp-client --connections 64               ten seconds of load, a closed loop
  tcp-client --connections 64 --duration 30 --rate 20000
                                            an open loop: what do users at this rate see?
  tcp-client --connections 8 --count 1 --message-file photo.jpg";

/// How long a load lasts unless the user says otherwise.
const DURATION: Duration = Duration::from_secs(10);

/// What the options name.
#[derive(Debug)]
struct Found {
    addresses: Vec<SocketAddr>,
    message: Vec<u8>,
}

impl Section for Options {
    const NAME: &'static str = "tcp-client";
    const SCENES: &'static [Scene<Self>] = &[("talk", talk::talk), ("load", under_load::load)];
    const ENDS: bool = false;

    fn common(&self) -> &CommonOptions {
        &self.common
    }

    fn chosen(&self) -> Vec<&str> {
        vec![self.scene()]
    }

    fn validate(&self) -> Result<(), Error> {
        self.fit_together()?;
        let message = message::of(&self.message, self.message_file.as_deref())?;
        let addresses = cli::resolve(&self.host, self.port)?;
        self.found.get_or_init(|| Found { addresses, message });
        if self.count == Some(0) {
            return Err(Error::Usage("a count of 0 leaves nothing to do; it is a number from 1 up".to_owned()));
        }
        if let Some(connections) = self.connections {
            self.plan(connections, 0).validate()?;
            allow_connections(connections)?;
        }
        Ok(())
    }
}

impl Options {
    /// Which of the two scenes the options ask for.
    fn scene(&self) -> &'static str {
        if self.connections.is_some() { "load" } else { "talk" }
    }

    fn fit_together(&self) -> Result<(), Error> {
        let usage = |told: String| Err(Error::Usage(told));
        let of_a_load = [("--duration", self.duration.is_some()), ("--rate", self.rate.is_some())];
        if let Some((option, _)) = of_a_load.iter().find(|(_, given)| *given && self.connections.is_none()) {
            return usage(format!("{option} is for a load; say with --connections on how many at once"));
        }
        if self.count.is_some() && self.duration.is_some() {
            return usage("--count and --duration both say when it ends; leave out one of them".to_owned());
        }
        match self.common.scene.iter().find(|asked| *asked != self.scene()).map(String::as_str) {
            Some("talk") => usage("the scene talk has one connection; leave out --connections".to_owned()),
            Some(_) => usage("the scene load needs --connections, a number from 1 up".to_owned()),
            None => Ok(()),
        }
    }

    /// The load that the options ask for.
    fn plan(&self, connections: usize, seed: u64) -> Plan {
        let until = self.count.map_or(Until::Elapsed(self.duration.unwrap_or(DURATION)), Until::RoundTrips);
        Plan {
            until,
            rate: self.rate,
            message: self.message().to_vec(),
            timeout: self.timeout.unwrap_or(TIMEOUT),
            seed,
            ..Plan::new(self.addresses().to_vec(), connections)
        }
    }

    fn addresses(&self) -> &[SocketAddr] {
        self.found.get().map_or(&[], |found| &found.addresses)
    }

    fn message(&self) -> &[u8] {
        self.found.get().map_or(&[], |found| &found.message)
    }
}

/// What both scenes claim of every answer.
fn claim_all_right(stage: &mut Stage) -> Result<Claim, Error> {
    claim!(
        stage,
        Is(0),
        "every answer is what was sent, ASCII letters in upper case: wrong answers",
        "每个回复都是发出的内容,ASCII 字母变成大写:错误的回复数"
    )
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    seconds.filter(|seconds| !seconds.is_zero()).ok_or_else(|| "it is a number of seconds above 0".to_owned())
}
