//! What the stage promises to a section, tried with real processes.

#[path = "common/python.rs"]
mod python;
#[path = "common/said_once.rs"]
mod said_once;
#[path = "common/scratch.rs"]
mod scratch;
#[path = "common/stage.rs"]
mod stage;
#[path = "common/stream.rs"]
mod stream;
#[path = "common/whole_file.rs"]
mod whole_file;
#[path = "common/whole_folder.rs"]
mod whole_folder;

use std::process::ExitCode;

use support::forking::{PATIENCE, run, wait_until};
use support::trials;

fn main() -> ExitCode {
    run(trials! {
        stage:
            a_run_whose_checks_all_hold_ends_with_code_0
            one_check_that_does_not_hold_ends_the_run_with_code_1
            a_check_without_a_verdict_has_neither_held_nor_failed
            a_claim_that_is_never_checked_has_failed
            an_error_of_a_child_is_the_runs_error
            a_reader_that_does_not_read_makes_no_process_wait_for_a_lock
            times_rise_from_line_to_line_though_a_line_has_waited_for_a_lock
            a_run_that_a_destructor_starts_during_a_panic_is_a_run_like_others
            a_tool_that_panics_leaves_no_process;
        said_once:
            an_error_is_one_line_whichever_process_or_thread_met_it;
        stream:
            lines_of_many_writers_arrive_whole_when_the_reader_is_slow
            a_request_to_end_ends_a_run_whose_output_has_no_room
            a_request_to_end_ends_a_run_whose_error_has_no_room
            a_line_after_the_request_is_written_where_there_is_room;
        python:
            a_script_has_its_arguments_and_no_input
            a_script_that_fails_ends_with_its_code_and_what_it_wrote
            a_script_imports_the_standard_library_alone;
        scratch:
            dropping_it_removes_the_folder_and_ends_its_caretaker
            it_is_gone_after_any_kill_of_the_program_or_of_its_group
            it_stays_as_long_as_a_process_of_the_program_lives
            a_copy_in_a_child_removes_nothing
            a_refused_folder_is_an_error;
        whole_file:
            kills_leave_a_whole_file_and_the_next_writer_removes_the_rest
            writers_at_once_leave_one_whole_file;
        whole_folder:
            an_empty_folder_is_replaced_and_a_link_to_it_stays
            a_folder_that_could_not_be_filled_leaves_nothing
            a_kill_in_the_middle_leaves_nothing;
    })
}
