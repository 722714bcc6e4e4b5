//! Small programs that say what a memory model allows, run by crashcheck and beside it by loom and shuttle: a table of
//! the outcomes that each finds, as Markdown, and of executions in a second. `just litmus`.
//!
//! The exit code is 1 if crashcheck does not find exactly what C++20 allows.

mod machine;
mod machines;
mod programs;
mod speed;

use std::collections::BTreeSet;
use std::process::ExitCode;

use machine::{Found, Machine, Outcome, Program};
use machines::ours::Ours;
use machines::peer_loom::Loom;
use machines::peer_shuttle::Shuttle;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let only = match (arguments.next().as_deref(), arguments.next()) {
        (None, None) => None,
        (Some("--speed"), None) => {
            speed::compare();
            return ExitCode::SUCCESS;
        }
        (Some("--only"), Some(name)) => Some(name),
        _ => {
            eprintln!("litmus: there are two arguments, --only NAME and --speed");
            return ExitCode::from(2);
        }
    };
    let silent = || std::panic::set_hook(Box::new(|_| ()));
    println!("| program | C++20 | crashcheck | loom | shuttle |\n|---|---|---|---|---|");
    let programs = programs::all::<Ours>().into_iter().zip(programs::all::<Loom>()).zip(programs::all::<Shuttle>());
    let mut is_right = true;
    for ((ours, loom), shuttle) in programs {
        if only.as_ref().is_some_and(|only| !ours.name.contains(only.as_str())) {
            continue;
        }
        // A peer that gives up panics, and the table says so. Each of them sets a hook of its own.
        silent();
        let found = Ours::outcomes(&ours);
        is_right &= found.outcomes == ours.allowed && found.gave_up.is_none();
        let mut cells = vec![cell(&ours, &found), cell(&loom, &Loom::outcomes(&loom))];
        silent();
        cells.push(cell(&shuttle, &Shuttle::outcomes(&shuttle)));
        println!("| {} | {} | {} |", ours.name, ours.allowed.len(), cells.join(" | "));
    }
    if is_right { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// How many of the allowed outcomes were found, which not, and which others.
fn cell<M: Machine>(program: &Program<M>, found: &Found) -> String {
    let list = |outcomes: &BTreeSet<Outcome>| {
        let shown =
            outcomes.iter().take(2).map(|outcome| outcome.iter().map(u64::to_string).collect::<Vec<_>>().join(","));
        let more = if outcomes.len() > 2 { format!(" and {} more", outcomes.len() - 2) } else { String::new() };
        format!("{}{more}", shown.collect::<Vec<_>>().join(" "))
    };
    let missed: BTreeSet<Outcome> = program.allowed.difference(&found.outcomes).cloned().collect();
    let wrong: BTreeSet<Outcome> = found.outcomes.difference(&program.allowed).cloned().collect();
    let mut said = vec![if missed.is_empty() { "all".to_owned() } else { format!("not {}", list(&missed)) }];
    if !wrong.is_empty() {
        said.push(format!("**and {}**", list(&wrong)));
    }
    said.extend(found.gave_up.as_ref().map(|why| format!("(gave up: {})", why.split('.').next().unwrap_or_default())));
    said.join(", ")
}
