//! Whether every line counts: each ordering weakened one step, each fence, store, wake-up and check dropped, each pair
//! of stores swapped, one at a time. `just prove`'s scenarios and killproof's tests must notice each one, or
//! `mutants/survivors.txt` says why they cannot.
//!
//! `just mutants` tries them all, which takes hours. The tests here hold the list and the arguments against the sources.

#[path = "mutants/copy.rs"]
mod copy;
#[path = "mutants/detectors.rs"]
mod detectors;
#[path = "mutants/fates.rs"]
mod fates;
#[path = "mutants/finder.rs"]
mod finder;
#[path = "mutants/hunt.rs"]
mod hunt;
#[path = "mutants/list.rs"]
mod list;
#[path = "mutants/mutant.rs"]
mod mutant;
#[path = "mutants/program.rs"]
mod program;
#[path = "mutants/scope.rs"]
mod scope;
#[path = "mutants/survivors.rs"]
mod survivors;
#[path = "mutants/table.rs"]
mod table;
#[path = "mutants/trial.rs"]
mod trial;

use std::process::ExitCode;

use support::trials;

/// `just mutants` passes `run`.
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.split_first() {
        Some((first, rest)) if first == "run" => program::main(rest),
        _ => support::forking::run(trials! {
            list:
                there_are_at_least_sixty_mutants
                every_kind_of_change_is_found
                a_changed_file_is_rust_and_says_what_it_said;
            fates:
                a_fate_is_kept_for_the_sources_that_it_was_found_with;
            table:
                every_fate_is_counted_and_what_contradicts_its_argument_is_wrong;
            survivors:
                every_argument_is_about_a_mutant_that_there_is
                an_argument_about_no_mutant_is_found;
        }),
    }
}
