//! What the toolkit promises, tried with real processes.

#[path = "killproof/dead_letters.rs"]
mod dead_letters;
#[path = "killproof/examples.rs"]
mod examples;
#[path = "killproof/file_lock.rs"]
mod file_lock;
#[path = "killproof/mutex.rs"]
mod mutex;
#[path = "killproof/outside.rs"]
mod outside;
#[path = "killproof/process.rs"]
mod process;
#[path = "killproof/queue.rs"]
mod queue;
#[path = "killproof/queue_kills.rs"]
mod queue_kills;
#[path = "killproof/supervisor.rs"]
mod supervisor;

use std::process::ExitCode;

use support::forking::{PATIENCE, Trial, run, wait_until};
use support::trials;

fn main() -> ExitCode {
    run([processes(), locks(), queues(), programs()].into_iter().flatten().collect())
}

fn processes() -> Vec<Trial> {
    trials! {
        process:
            a_child_has_a_copy_of_its_parents_memory
            it_ends_by_code_by_panic_or_by_signal
            an_error_ends_it_with_the_errors_code
            join_may_be_repeated
            join_timeout_gives_up_on_one_that_lives
            an_ended_child_is_a_zombie_until_it_is_joined
            terminate_and_kill_end_it_and_may_come_late
            dropping_a_handle_joins_a_child_and_terminates_a_daemon
            a_handle_that_a_child_inherited_does_nothing
            start_is_refused_while_another_thread_runs
            start_works_right_after_a_thread_was_joined
            a_daemon_dies_with_a_killed_parent
            an_ordinary_child_survives_its_killed_parent
            a_child_that_ignores_sigterm_is_killed_in_the_end
            children_that_the_kernel_reaps_are_told_from_others
            two_hundred_children_leave_no_descriptor
            a_child_inherits_no_signal_handler
            a_gate_lets_everybody_pass_once_it_is_open
            a_gate_that_stays_closed_is_given_up
            a_barrier_holds_until_all_have_come
            a_barrier_is_given_up_when_somebody_cannot_come;
        supervisor:
            a_killed_worker_is_started_anew
            a_worker_that_panics_is_started_anew_until_it_ends_well
            a_worker_that_ends_with_code_0_is_finished
            workers_that_died_together_are_told_of_together
            it_gives_up_and_names_everybody_who_died
            old_deaths_do_not_count_against_the_budget
            it_waits_no_longer_than_it_is_told_to
            a_refused_restart_touches_nobody_else_and_is_made_up_for
            a_refused_restart_of_one_is_no_silence_about_another
            a_thread_that_runs_meanwhile_refuses_the_restart
            a_worker_that_cannot_be_started_is_none
            dropping_it_ends_and_reaps_its_workers
            its_workers_die_with_it_when_it_is_killed
            a_hundred_restarts_leave_no_descriptor;
    }
}

fn locks() -> Vec<Trial> {
    trials! {
        file_lock:
            it_excludes_other_processes_and_threads
            it_is_free_when_its_holder_is_killed
            sharers_exclude_only_those_who_want_it_alone
            a_lock_file_that_was_removed_protects_nobody_and_is_made_anew
            tidy_removes_the_file_only_when_nobody_holds_it
            a_lock_in_a_missing_folder_is_refused;
        mutex:
            no_increment_is_lost_between_processes_and_threads
            the_next_holder_is_told_that_the_last_one_was_killed
            the_news_stays_until_somebody_repairs
            a_panic_inside_is_told_too
            the_next_holder_is_told_who_died_and_since_when
            a_thread_that_ends_inside_is_named_by_its_own_name
            a_kill_at_any_step_is_told_exactly_when_it_was_inside
            who_dies_while_repairing_leaves_the_news
            try_lock_and_lock_timeout_do_not_wait_for_ever;
    }
}

fn queues() -> Vec<Trial> {
    trials! {
        queue:
            what_goes_in_first_comes_out_first
            every_value_arrives_once_in_each_producers_order
            a_full_queue_hands_the_value_back
            a_blocked_put_goes_on_after_a_get
            an_empty_queue_says_so
            a_closed_queue_is_drained_and_then_disconnected
            close_wakes_whoever_waits
            a_value_that_cannot_travel_changes_nothing
            a_message_of_another_type_is_said_to_be_unreadable
            large_and_empty_messages_travel_whole
            a_capacity_that_is_none_is_refused
            a_queue_takes_memory_for_its_messages_and_not_for_its_capacity
            a_killed_getter_leaves_the_queue_to_others
            join_returns_when_all_is_done
            an_undone_delivery_comes_back_in_front
            a_killed_holders_delivery_goes_to_somebody_else
            whoever_only_polls_gets_what_the_dead_held
            a_closed_queue_waits_for_what_may_come_back
            done_after_the_lease_was_lost_is_told
            unfinished_values_count_against_the_capacity
            kills_in_the_middle_of_traffic_lose_nothing_that_was_acknowledged;
        queue_kills:
            a_put_that_was_killed_is_wholly_in_or_wholly_out
            a_get_that_was_killed_took_its_value_or_did_not
            a_consumer_killed_at_any_step_leaves_its_value_to_others
            whoever_gives_back_what_the_dead_held_may_be_killed_too
            whoever_repairs_may_be_killed_too
            a_waker_that_is_killed_leaves_nobody_asleep
            join_says_so_when_every_consumer_is_dead
            every_successor_that_dies_gives_its_own_successor_time
            producers_and_consumers_killed_in_traffic_lose_nothing;
        dead_letters:
            a_value_that_kills_its_holders_becomes_a_dead_letter
            a_value_that_makes_its_holders_panic_becomes_a_dead_letter
            a_value_that_makes_its_readers_panic_becomes_a_dead_letter
            a_value_taken_while_a_panic_passes_is_returned_and_nobody_has_died
            the_number_of_deaths_is_settable
            a_queue_full_of_dead_letters_refuses_to_wait_for_room
            whoever_decides_about_a_dead_letter_may_be_killed;
    }
}

fn programs() -> Vec<Trial> {
    trials! {
        examples:
            the_counter_is_right_after_a_kill_in_the_middle_of_an_update
            killed_workers_are_replaced_and_every_job_is_done
            the_job_of_a_killed_worker_is_done_by_another_one_first
            a_lock_between_programs_is_free_after_the_kill_of_its_holder;
        outside:
            a_program_outside_the_workspace_has_a_queue_between_processes
            a_program_that_depends_on_it_gets_no_command_line_json_or_terminal
            what_is_published_is_complete_and_no_more;
    }
}
