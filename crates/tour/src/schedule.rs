//! The order of a tour: one section after the other, and a client while its server runs.

use std::net::SocketAddr;
use std::time::Duration;

use common::Error;
use common::journal::Kind;
use common::lang;

use crate::progress::Progress;
use crate::running::Running;
use crate::sections::Section;
use crate::status::RunResult;
use crate::words;

/// How every section of a tour is run.
pub(crate) struct SectionOptions {
    /// The options that every section has.
    pub(crate) common: Vec<String>,
    /// How long a section may take.
    pub(crate) deadline: Duration,
}

/// Each section with its result, in the notes' order.
pub(crate) type Rows = Vec<(&'static Section, RunResult)>;

/// Runs sections in this order. A client runs right after its server has begun. `rows` gets the result of each that
/// was done, also where the tour ends early.
///
/// # Errors
///
/// [`Error::Interrupted`], [`Error::OutputClosed`]. What goes wrong within a section is its result.
pub(crate) fn run(
    sections: &[&'static Section],
    options: &SectionOptions,
    progress: &mut Progress,
    rows: &mut Rows,
) -> Result<(), Error> {
    for section in sections.iter().filter(|section| section.server.is_none()) {
        let clients = sections.iter().copied().filter(|client| client.server == Some(section.name));
        let clients: Vec<_> = clients.collect();
        if clients.is_empty() {
            rows.push((section, alone(section, &[], options, progress)?));
        } else {
            rows.extend(with_clients(section, &clients, options, progress)?);
        }
        // A section that crashed or hung may leave processes: the next one needs the machine for itself.
        common::process::reap_all()?;
    }
    Ok(())
}

fn alone(
    section: &'static Section,
    more: &[&str],
    options: &SectionOptions,
    progress: &mut Progress,
) -> Result<RunResult, Error> {
    progress.begins(section.name)?;
    let result = match start(section, more, options)? {
        Ok(running) => running.finish(|capture| progress.goes_on(section.name, capture))?,
        Err(not_started) => not_started,
    };
    progress.ended(section.name, &result)?;
    Ok(result)
}

/// The server, its clients one after the other, and the server's end.
fn with_clients(
    server: &'static Section,
    clients: &[&'static Section],
    options: &SectionOptions,
    progress: &mut Progress,
) -> Result<Rows, Error> {
    progress.begins(server.name)?;
    let mut rows = Rows::new();
    let result = match start(server, &[], options)? {
        Ok(mut running) => {
            let port = port_of(&mut running)?;
            for client in clients {
                let result = match &port {
                    Some(port) => alone(client, &["--port", port], options, progress)?,
                    None => without_server(),
                };
                rows.push((client, result));
            }
            running.stop()?;
            running.finish(|_| None)?
        }
        Err(not_started) => {
            rows.extend(clients.iter().map(|client| (*client, without_server())));
            not_started
        }
    };
    progress.ended(server.name, &result)?;
    rows.insert(0, (server, result));
    Ok(rows)
}

fn without_server() -> RunResult {
    RunResult::not_started(words::server_does_not_listen().in_lang(lang::spoken()))
}

/// Starts a section. What the system refuses is the section's result, and the tour goes on.
fn start(
    section: &'static Section,
    more: &[&str],
    options: &SectionOptions,
) -> Result<Result<Running, RunResult>, Error> {
    let own = section.arguments.iter().chain(more).map(ToString::to_string);
    let arguments = own.chain(options.common.iter().cloned()).collect();
    match Running::start(section.name, arguments, options.deadline) {
        Ok(running) => Ok(Ok(running)),
        Err(error) if error.is_refusal() => Ok(Err(RunResult::not_started(error.to_string()))),
        Err(error) => Err(error),
    }
}

/// The port at which a server listens, as soon as the server says so. `None`: it ended before.
fn port_of(server: &mut Running) -> Result<Option<String>, Error> {
    while let Some(event) = server.next()? {
        if event.kind == Kind::Ready {
            let address: Option<SocketAddr> = event.arg("address").and_then(|address| address.as_str()?.parse().ok());
            return Ok(address.map(|address| address.port().to_string()));
        }
    }
    Ok(None)
}
