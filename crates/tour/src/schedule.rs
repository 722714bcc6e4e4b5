//! The stops of the tour: a section each, but for server and client, which are visited together.

use std::time::Duration;

use common::Error;
use common::journal::Kind;

use crate::progress::Progress;
use crate::running::Running;
use crate::sections::{CLIENT, SERVER, Section, find};
use crate::status::Ran;

/// How often the client says hello.
const MESSAGES: &str = "3";

/// What every section of a tour is told.
pub(crate) struct Terms {
    /// The options that every section has.
    pub(crate) options: Vec<String>,
    /// How long a section may take.
    pub(crate) patience: Duration,
}

/// Sections that ran, in the notes' order.
type Rows = Vec<(&'static Section, Ran)>;

/// Visits sections in this order. The client follows its server.
///
/// # Errors
///
/// [`Error::Toolkit`], [`Error::OutputClosed`]. What goes wrong within a section is its row.
pub(crate) fn visit(sections: &[&'static Section], terms: &Terms, progress: &mut Progress) -> Result<Rows, Error> {
    let mut rows = Rows::new();
    for section in sections {
        match section.name {
            SERVER => rows.extend(pair(section, terms, progress)?),
            CLIENT => {} // came with its server
            _ => rows.push((section, alone(section, section.arguments, terms, progress)?)),
        }
        // What a section that crashed or hung has left: the next one shall have the machine for itself.
        common::process::reap_all();
    }
    Ok(rows)
}

fn alone(section: &'static Section, arguments: &[&str], terms: &Terms, progress: &mut Progress) -> Result<Ran, Error> {
    progress.begins(section.name)?;
    let ran = match start(section, arguments, terms)? {
        Ok(running) => running.finish(|transcript| progress.goes_on(section.name, transcript))?,
        Err(not_started) => not_started,
    };
    progress.ended(section.name, &ran)?;
    Ok(ran)
}

/// The server at a free port, its client, and the server's end.
fn pair(server: &'static Section, terms: &Terms, progress: &mut Progress) -> Result<Rows, Error> {
    let Some(client) = find(CLIENT) else { return Ok(Rows::new()) };
    progress.begins(server.name)?;
    let (asked, answered) = match start(server, &["--port", "0"], terms)? {
        Ok(mut running) => {
            let asked = match port_of(&mut running)? {
                Some(port) => alone(client, &["--port", &port, "--count", MESSAGES], terms, progress)?,
                None => without_server(),
            };
            running.stop()?;
            (asked, running.finish(|_| None)?)
        }
        Err(not_started) => (without_server(), not_started),
    };
    progress.ended(server.name, &answered)?;
    Ok(vec![(server, answered), (client, asked)])
}

/// The client's row where there was nobody to ask.
fn without_server() -> Ran {
    Ran::not_started("there was no server to talk to".to_owned())
}

/// What the system refuses here is the end of this section, and not of the tour.
fn start(section: &'static Section, arguments: &[&str], terms: &Terms) -> Result<Result<Running, Ran>, Error> {
    let own = arguments.iter().map(ToString::to_string);
    match Running::start(section.name, own.chain(terms.options.iter().cloned()).collect(), terms.patience) {
        Ok(running) => Ok(Ok(running)),
        Err(error @ Error::Toolkit(common::error::Toolkit::Refused { .. })) => {
            Ok(Err(Ran::not_started(error.to_string())))
        }
        Err(error) => Err(error),
    }
}

/// Where the server listens, as soon as it says so. `None`: it never did.
fn port_of(server: &mut Running) -> Result<Option<String>, Error> {
    while let Some(event) = server.next()? {
        if event.kind == Kind::Ready {
            return Ok(event.text.and_then(|text| Some(text.rsplit_once(':')?.1.to_owned())));
        }
    }
    Ok(None)
}
