//! Notes 10, the client: it says hello and prints the answer, or it puts a load of thousands of
//! connections on the server and measures how long the answers take.

#![forbid(unsafe_code)]

mod claims;
mod connect;
pub mod exchange;
mod help;
mod latency;
mod load_bar;
mod message;
mod talk;
mod under_load;
mod words;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

use common::Error;
use common::cli::{self, CommonOptions, Scene, Section};
use common::help::Help;
use common::refusal::Refusal;
use load::{Plan, TIMEOUT, Until};

/// A client that says hello to tcp-server every two seconds, and prints the answer.
///
/// A client connects, and then has a stream of bytes both ways. A stream knows no messages: an
/// answer may come in several pieces, so the client reads until it has as many bytes as it sent.
/// It reads while it still writes: a long message does not fit into the buffers between the two,
/// and if both sides only wrote, both would wait for ever.
///
/// A client that loses its connection connects again and repeats the message; after five failed
/// tries it gives up. The pauses before the tries grow. Each has random jitter, so that clients
/// which lost the server together do not all come back together. The client runs until Ctrl-C, or
/// until it has --count answers.
///
/// With --connections the client puts a load on the server: many connections at once, every answer
/// compared byte for byte, and a distribution of how long the answers took.
///
///   A closed loop (the default) sends the next message of a connection when its last one has been
///   answered. It finds the highest throughput. It does not show how long users wait: while the
///   server stands still for a second, the client stands still as well. It counts one slow answer
///   for each connection, and omits all the messages that users would have sent in that second.
///   The stall vanishes from the p99. This is called coordinated omission.
///
///   An open loop (--rate) sends at fixed times, as users do, who do not wait for each other. The
///   latency of a message counts from the time it was due, so each message of that second counts
///   with its whole delay. Trust the p99 of an open loop, at a rate that the server keeps up with.
///   If it does not keep up, the client says so and names the rate that was reached.
///
/// --speed divides the two seconds between messages and the pauses before new tries. It does not
/// change --duration, --rate and --timeout: those are real seconds.
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
    /// The message
    #[arg(long, value_name = "TEXT", default_value = "hello")]
    message: String,
    /// Send the content of FILE, up to 64 MiB of any bytes: a command line has no room for long messages
    #[arg(long, value_name = "FILE", conflicts_with = "message")]
    message_file: Option<PathBuf>,
    /// End after N answers, on each connection [default: go on until Ctrl-C, or as --duration says]
    #[arg(long, value_name = "N")]
    count: Option<u64>,
    /// The longest wait for a connection, for an answer, and for the server to close after the last answer.
    /// An answer that takes longer counts as lost, and the message is repeated on a new connection; a load
    /// with --count ends when no answer came for three timeouts [default: wait for ever, and 60 for the
    /// server to close; under load 10]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    timeout: Option<Duration>,
    /// Put a load on the server, with N connections at once
    #[arg(long, value_name = "N", help_heading = "Load")]
    connections: Option<usize>,
    /// How long the load lasts [default: 10]
    #[arg(long, value_name = "SECONDS", value_parser = seconds, help_heading = "Load")]
    duration: Option<Duration>,
    /// An open loop: R messages a second, on all connections together
    #[arg(long, value_name = "R", help_heading = "Load")]
    rate: Option<f64>,
    #[command(flatten)]
    common: CommonOptions,
    /// Filled by [`Section::validate`].
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

/// The default of `--duration`.
const DURATION: Duration = Duration::from_secs(10);

/// What the options name, looked up once.
#[derive(Debug)]
struct Found {
    addresses: Vec<SocketAddr>,
    message: Vec<u8>,
}

impl Section for Options {
    const NAME: &'static str = "tcp-client";
    const SCENES: &'static [Scene<Self>] = &[
        ("talk", |options, stage| stage.play(claims::talk(), |stage| talk::talk(options, stage)).map(drop)),
        ("load", |options, stage| stage.play(claims::load(), |stage| under_load::load(options, stage)).map(drop)),
    ];
    const ENDS: bool = false;
    const HELP: Help = help::HELP;

    fn common(&self) -> &CommonOptions {
        &self.common
    }

    fn chosen(&self) -> Vec<&str> {
        vec![self.scene()]
    }

    fn validate(&self) -> Result<(), Error> {
        self.fit_together()?;
        let message = message::read(&self.message, self.message_file.as_deref())?;
        let addresses = cli::resolve(&self.host, self.port)?;
        self.found.get_or_init(|| Found { addresses, message });
        if self.count == Some(0) {
            return Err(Error::Usage(words::no_round_trip()));
        }
        if let Some(connections) = self.connections {
            under_load::validate(&self.plan(connections, 0))?;
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
        let usage = |wrong| Err(Error::Usage(wrong));
        let of_a_load = [("--duration", self.duration.is_some()), ("--rate", self.rate.is_some())];
        if let Some((option, _)) = of_a_load.iter().find(|(_, given)| *given && self.connections.is_none()) {
            return usage(words::is_for_a_load(*option));
        }
        if self.count.is_some() && self.duration.is_some() {
            return usage(words::two_ends());
        }
        match self.common.scene.iter().find(|asked| *asked != self.scene()).map(String::as_str) {
            Some("talk") => usage(words::talk_has_one_connection()),
            Some(_) => usage(words::load_needs_connections()),
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

fn seconds(text: &str) -> Result<Duration, Refusal> {
    let seconds = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    seconds.filter(|seconds| !seconds.is_zero()).ok_or_else(|| Refusal(words::seconds_are_above_0()))
}
