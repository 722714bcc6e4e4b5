//! Notes 10, the client: it says hello, and prints the answer in upper case.

mod backoff;
mod connect;
pub mod exchange;
mod latency;
pub mod load;

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use common::cli::{self, Common, Scene, Section};
use common::error::cause;
use common::report::Is;
use common::stage::Stage;
use common::{Error, claim, say};

use connect::{not_there, shown};
use latency::Latency;

/// A client that says hello to tcp-server every two seconds, and prints the answer.
///
/// A client connects, and then has a stream of bytes both ways. A stream knows no messages: an
/// answer may come in several pieces, so the client reads until it has as many bytes as it sent.
/// It reads while it still writes: a long message does not fit into the buffers between the two,
/// and if both sides only wrote, both would wait for ever.
///
/// If the connection is lost it connects again, with growing pauses, and repeats the message; after
/// five tries in vain it gives up. It runs until Ctrl-C, or until it has had --count answers.
///
/// Scenes:
///   talk  the only one
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
    /// End after N answers [default: go on until Ctrl-C]
    #[arg(long, value_name = "N")]
    count: Option<u64>,
    #[command(flatten)]
    common: Common,
    /// What the host's name means, looked up once.
    #[arg(skip)]
    addresses: OnceLock<Vec<SocketAddr>>,
}

const EXAMPLES: &str = "Examples:
  tcp-server                                in another terminal, first
  tcp-client                                says hello until Ctrl-C
  tcp-client --count 3 --speed 1            three times, at the notes' own pace
  tcp-client --message '你好, world' --count 1
  tcp-client --count 10000 --speed inf      how long does one round trip take?";

/// The notes' `time.sleep(2)` between two messages.
const INTERVAL: Duration = Duration::from_secs(2);
/// How often the client tries to reach a server again that it has lost, without a single answer.
const TRIES: u32 = 5;
/// The pause before the first of these tries; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

impl Section for Options {
    const NAME: &'static str = "tcp-client";
    const SCENES: &'static [Scene<Self>] = &[("talk", talk)];
    const ENDS: bool = false;

    fn common(&self) -> &Common {
        &self.common
    }

    fn validate(&self) -> Result<(), Error> {
        if self.message.is_empty() {
            return Err(Error::Usage("the message is empty, and nothing would come back; say something".to_owned()));
        }
        if self.count == Some(0) {
            return Err(Error::Usage("a count of 0 leaves nothing to do; it is a number from 1 up".to_owned()));
        }
        let found = cli::resolve(&self.host, self.port)?;
        self.addresses.get_or_init(|| found);
        Ok(())
    }
}

/// What a talk has come to.
#[derive(Default)]
struct Talk {
    sent: u64,
    answered: u64,
    wrong: u64,
    reconnects: u64,
    latency: Latency,
}

fn talk(options: &Options, stage: &mut Stage) -> Result<(), Error> {
    let all_right = claim!(
        stage,
        Is(0),
        "every answer is what was sent, ASCII letters in upper case: wrong answers",
        "每个回复都是发出的内容,ASCII 字母变成大写:错误的回复数"
    )?;
    let nothing_more = claim!(
        stage,
        Is(0),
        "as many answers as messages: bytes that come after the last answer",
        "发几条消息就有几个回复:最后一个回复之后多出的字节数"
    )?;

    let mut talk = Talk::default();
    let result = options.converse(stage, &mut talk);
    if let Err(Error::Interrupted(_)) = result {
        talk.sum_up(stage)?; // an endless talk ends like this, and has no report
    }
    let surplus = result?;

    stage.figure("sent", talk.sent, "messages")?;
    stage.figure("answered", talk.answered, "messages")?;
    stage.figure("round trip, median", talk.latency.median(), "µs")?;
    stage.figure("round trip, longest", talk.latency.longest(), "µs")?;
    stage.figure("reconnects", talk.reconnects, "times")?;
    stage.check(all_right, talk.wrong)?;
    stage.check(nothing_more, surplus)?;
    Ok(())
}

impl Options {
    /// The notes' `while True`. Returns how many bytes came that nobody had asked for.
    fn converse(&self, stage: &Stage, talk: &mut Talk) -> Result<usize, Error> {
        let expected = self.message.to_ascii_uppercase();
        let mut stream = connect::connect(self.addresses())?.map_err(|error| not_there(self.addresses(), error))?;
        let mut tries = 0;
        loop {
            let began = Instant::now();
            talk.sent += 1;
            let answer = match exchange::exchange(&stream, self.message.as_bytes())? {
                Ok(answer) => answer,
                Err(lost) => {
                    stream = self.reconnect(stage, lost, &mut tries)?;
                    talk.reconnects += 1;
                    continue;
                }
            };
            talk.latency.add(began.elapsed());
            talk.answered += 1;
            talk.wrong += u64::from(answer != expected.as_bytes());
            tries = 0;
            stage.say(String::from_utf8_lossy(&answer))?;
            if Some(talk.answered) == self.count {
                return exchange::say_goodbye(&stream);
            }
            stage.pause(INTERVAL)?;
        }
    }

    fn reconnect(&self, stage: &Stage, mut why: io::Error, tries: &mut u32) -> Result<TcpStream, Error> {
        while *tries < TRIES {
            let (reason, number) = (cause(&why), *tries + 1);
            say!(
                stage,
                "connection lost: {reason}; connecting again, try {number} of {TRIES}",
                "连接断开:{reason};重新连接,第 {number} 次,最多 {TRIES} 次"
            )?;
            stage.pause(FIRST_PAUSE * 2_u32.pow(*tries))?;
            *tries += 1;
            match connect::connect(self.addresses())? {
                Ok(stream) => return Ok(stream),
                Err(error) => why = error,
            }
        }
        Err(Error::refused("reach", format!("{} again, in {TRIES} tries", shown(self.addresses())), why))
    }

    fn addresses(&self) -> &[SocketAddr] {
        self.addresses.get().map_or(&[], Vec::as_slice)
    }
}

impl Talk {
    fn sum_up(&self, stage: &Stage) -> Result<(), Error> {
        let Self { sent, answered, wrong, reconnects, .. } = self;
        let (median, longest) = (self.latency.median().round(), self.latency.longest().round());
        say!(
            stage,
            "{sent} sent, {answered} answered, {wrong} of them wrong; round trip {median} µs (median), \
             {longest} µs (longest); {reconnects} reconnects",
            "发出 {sent} 条,收到 {answered} 个回复,其中 {wrong} 个错误;往返 {median} µs(中位数),\
             {longest} µs(最长);重连 {reconnects} 次"
        )
    }
}
