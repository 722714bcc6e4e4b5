//! What the record of a run promises, tried with real processes.

#[path = "journal/children.rs"]
mod children;
#[path = "journal/journal.rs"]
mod journal;
#[path = "journal/kills.rs"]
mod kills;
#[path = "journal/recorder.rs"]
mod recorder;

use std::process::ExitCode;

use support::forking::{PATIENCE, Trial, run, wait_until};
use support::trials;

fn main() -> ExitCode {
    run(records())
}

fn records() -> Vec<Trial> {
    trials! {
        children:
            a_wait_for_a_child_is_a_span_with_its_name_and_its_pid
            a_wait_for_a_child_that_is_given_up_says_so_and_one_without_patience_is_none
            a_destructor_that_waits_for_a_child_says_so
            a_supervisor_waits_for_the_child_that_ends_first;
        journal:
            lines_of_several_processes_do_not_mix
            a_line_is_never_longer_than_a_pipe_takes
            an_offset_inside_of_an_event_is_that_of_the_next_one
            it_knows_the_names_of_the_living_and_of_the_dead
            times_rise_for_every_actor
            a_bounded_one_keeps_the_beginning_and_says_once_that_it_is_full;
        kills:
            a_thousand_killed_writers_of_long_lines_tear_no_line
            an_event_whose_writer_was_killed_in_the_middle_is_counted
            a_full_record_says_so_even_if_the_writer_that_would_is_killed;
        recorder:
            a_process_says_with_which_code_it_ends_unless_it_is_killed
            nobody_records_unasked_and_it_costs_no_memory
            what_does_not_block_is_no_wait
            a_waiter_says_so_before_it_holds_and_holds_after
            a_wait_that_is_given_up_says_how
            a_dead_holders_span_stays_open_and_the_next_one_tells_of_it
            work_is_recorded_from_the_hand_over_to_its_end
            a_file_lock_is_called_by_its_file_and_shared_ones_say_so
            each_actor_has_its_own_name_and_numbers_are_the_runs
            a_younger_recording_outlives_an_older_one
            one_that_has_ended_leaves_its_journal_open_in_no_thread
            one_that_a_child_drops_goes_on_in_its_parent;
    }
}
