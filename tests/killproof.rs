//! What the toolkit promises, tried with real processes.

#[path = "killproof/ancestors.rs"]
mod ancestors;
#[path = "killproof/barrier.rs"]
mod barrier;
#[path = "killproof/bonds.rs"]
mod bonds;
#[path = "killproof/callbacks.rs"]
mod callbacks;
#[path = "killproof/clock_steps.rs"]
mod clock_steps;
#[path = "killproof/codec.rs"]
mod codec;
#[path = "killproof/consumers.rs"]
mod consumers;
#[path = "killproof/dead_letters.rs"]
mod dead_letters;
#[path = "killproof/debugger.rs"]
mod debugger;
#[path = "killproof/descriptors.rs"]
mod descriptors;
#[path = "killproof/every_wait.rs"]
mod every_wait;
#[path = "killproof/examples.rs"]
mod examples;
#[path = "killproof/family.rs"]
mod family;
#[path = "killproof/file_lock.rs"]
mod file_lock;
#[path = "killproof/forked.rs"]
mod forked;
#[path = "killproof/fresh.rs"]
mod fresh;
#[path = "killproof/grace.rs"]
mod grace;
#[path = "killproof/guards.rs"]
mod guards;
#[path = "killproof/holders.rs"]
mod holders;
#[path = "killproof/joinable.rs"]
mod joinable;
#[path = "killproof/links.rs"]
mod links;
#[path = "killproof/log.rs"]
mod log;
#[path = "killproof/many_leases.rs"]
mod many_leases;
#[path = "killproof/marks.rs"]
mod marks;
#[path = "killproof/mutex.rs"]
mod mutex;
#[path = "killproof/observer.rs"]
mod observer;
#[path = "killproof/outside.rs"]
mod outside;
#[path = "killproof/ownership.rs"]
mod ownership;
#[path = "killproof/places.rs"]
mod places;
#[path = "killproof/pools.rs"]
mod pools;
#[path = "killproof/process.rs"]
mod process;
#[path = "killproof/queue.rs"]
mod queue;
#[path = "killproof/queue_kills.rs"]
mod queue_kills;
#[path = "killproof/queues.rs"]
mod queues;
#[path = "killproof/shared_vec.rs"]
mod shared_vec;
#[path = "killproof/signals.rs"]
mod signals;
#[path = "killproof/situations.rs"]
mod situations;
#[path = "killproof/stops.rs"]
mod stops;
#[path = "killproof/supervisor.rs"]
mod supervisor;
#[path = "killproof/unwinding.rs"]
mod unwinding;
#[path = "killproof/waits.rs"]
mod waits;

use std::process::ExitCode;

use support::forking::{PATIENCE, Trial, run, wait_for, wait_until};
use support::trials;

fn main() -> ExitCode {
    let all = [
        queues::trials(),
        pools::trials(),
        processes(),
        hard_cases_of_processes(),
        situations::trials(),
        locks(),
        waits::trials(),
        logs(),
        programs(),
    ];
    run(all.into_iter().flatten().collect())
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
            children_are_kept_again
            two_hundred_children_leave_no_descriptor
            a_child_inherits_no_signal_handler
            an_event_lets_every_waiter_go_on_once_it_is_set
            a_wait_for_an_event_that_is_not_set_times_out
            a_barrier_holds_until_all_parties_have_arrived
            a_wait_at_a_barrier_times_out_when_a_party_cannot_arrive;
        links:
            a_wait_ends_when_a_linked_child_is_killed_under_a_debugger
            every_wait_ends_when_a_linked_child_is_killed
            a_linked_child_that_fails_by_a_code_ends_a_wait_too
            a_linked_child_that_ends_well_ends_no_wait
            an_end_that_the_parent_wants_is_no_failure
            a_failure_counts_after_its_handle_was_dropped_by_an_error
            a_child_does_not_inherit_its_parents_links;
        barrier:
            an_arrival_whose_time_is_up_is_taken_back
            an_arrival_whose_look_fails_is_taken_back
            an_arrival_that_is_interrupted_is_taken_back
            an_arrival_is_not_taken_back_once_all_have_come
            parties_that_give_up_and_come_again_meet_at_every_barrier
            the_parties_of_a_barrier_meet_again_and_again_and_elect_one_each_time
            a_barrier_that_is_aborted_ends_every_wait_until_it_is_reset
            a_barrier_for_too_many_parties_is_refused_and_one_for_none_is_open;
        supervisor:
            a_killed_worker_is_restarted
            a_worker_that_panics_is_restarted_until_it_ends_with_code_0
            a_worker_that_ends_with_code_0_is_finished
            workers_that_died_together_are_reported_together
            it_gives_up_and_names_every_worker_that_died
            old_deaths_do_not_count_against_the_restart_limit
            it_waits_no_longer_than_its_timeout
            a_refused_restart_touches_no_other_worker_and_is_tried_again
            a_refused_restart_of_one_worker_hides_no_restart_of_another
            a_thread_that_runs_meanwhile_refuses_the_restart
            a_worker_that_cannot_be_started_is_none
            dropping_it_ends_and_reaps_its_workers
            its_workers_die_with_it_when_it_is_killed
            a_hundred_restarts_leave_no_descriptor;
    }
}

fn hard_cases_of_processes() -> Vec<Trial> {
    trials! {
        ancestors:
            it_catches_signals_itself
            it_reaps_no_children_that_it_has_not_adopted
            it_does_not_wait_for_a_child_that_is_not_its_own;
        ownership:
            what_moved_into_a_child_is_dropped_by_the_child_alone
            a_process_that_never_ran_drops_its_closure_as_usual
            a_folder_that_moved_into_a_child_is_there_until_the_child_ends
            a_buffer_that_moved_into_a_child_is_written_once
            a_panic_payload_that_panics_when_it_is_dropped_ends_the_child
            a_result_that_panics_as_it_becomes_a_code_ends_the_child
            an_observer_that_panics_at_a_childs_end_ends_the_child
            a_refused_start_has_run_nothing;
        bonds:
            a_daemon_that_runs_as_another_user_dies_with_its_killed_parent
            a_daemon_that_has_changed_its_user_binds_itself_again
            a_process_that_is_not_bound_cannot_bind_itself_again
            a_user_that_it_may_not_become_refuses_the_start
            a_daemon_in_a_pid_namespace_of_its_own_lives_until_its_parent_dies;
        signals:
            a_real_time_signal_is_an_exit
            a_worker_that_a_real_time_signal_ended_is_restarted
            a_signal_that_the_parent_blocks_ends_its_child
            a_signal_that_was_blocked_is_caught
            a_request_to_end_ends_every_wait
            a_child_that_catches_signals_is_asked_to_end_and_its_parent_is_not
            a_request_to_the_parent_reaches_a_child_that_catches_signals
            a_second_signal_ends_a_child_that_catches_signals
            a_programs_own_handler_goes_on_and_its_childs_does_not;
        family:
            a_name_that_is_cut_inside_a_character_is_a_name
            reap_all_ends_children_that_the_kernel_reaps
            one_descriptor_is_enough_to_see_every_child
            reap_all_works_where_there_is_no_proc
            a_child_that_did_not_adopt_reaps_none_of_its_parents_children;
        debugger:
            a_process_that_a_debugger_stops_is_alive_and_breaks_no_timeout
            a_debugger_that_dies_takes_its_process_along_or_lets_it_go_on
            join_keeps_its_time_while_a_debugger_keeps_the_dead_child
            a_join_that_a_debugger_holds_up_ends_when_its_process_is_asked_to_end
            a_supervisor_waits_for_a_dead_worker_that_a_debugger_keeps;
        forked:
            what_was_printed_before_is_printed_once_although_the_caller_has_locked_the_stream
            a_buffer_in_a_thread_local_is_written_by_the_parent_alone_unless_the_child_writes_too
            the_position_in_an_open_file_is_shared
            a_record_lock_is_not_inherited_and_a_lock_of_an_open_file_is_shared
            every_descriptor_is_inherited_with_its_flags
            pending_signals_and_timers_stay_the_parents
            the_settings_of_a_process_are_copied_and_a_change_stays_in_the_child
            a_subreaper_and_a_bond_to_the_parent_are_not_inherited
            a_lock_that_the_caller_holds_in_a_frame_stays_locked_in_the_child
            a_value_that_is_being_made_is_never_made_in_the_child
            a_child_knows_its_own_pid_and_name_although_its_parent_had_asked_for_its_own
            hashers_of_two_children_are_alike
            a_grandchild_that_dies_inside_a_mutex_is_reported
            a_child_of_a_panicking_parent_counts_as_panicking
            the_time_that_stubborn_children_have_is_each_parents_own;
        grace:
            stubborn_workers_of_a_supervisor_are_given_one_time_together
            stubborn_children_that_are_dropped_one_by_one_share_their_time
            processes_that_are_ended_together_have_the_same_time
            a_stopped_child_is_ended_as_another_one_is;
        places:
            what_a_program_prints_goes_nowhere_else_when_its_streams_are_closed
            more_processes_than_the_limit_of_a_user_are_refused_in_time
            a_thread_for_which_there_is_no_address_space_is_refused_in_time
            a_bare_process_runs_no_code_of_the_program
            adopting_is_refused_where_children_have_a_pid_namespace_of_their_own;
        callbacks:
            a_value_may_use_its_queue_while_it_is_written_read_and_dropped
            a_value_that_panics_as_it_is_written_changes_nothing
            a_value_that_panics_as_it_is_dropped_leaves_no_lease
            a_repair_that_panics_or_locks_leaves_the_mutex_to_be_repaired
            a_look_at_a_barrier_may_panic_or_come_to_the_same_barrier
            a_factory_or_a_hook_that_panics_stops_no_supervisor
            a_hook_at_the_end_that_panics_stops_no_supervisor
            hooks_may_start_and_join_other_processes;
        unwinding:
            a_destructor_that_a_panic_runs_may_start_a_process_and_joins_it
            a_child_that_a_destructor_started_panics_for_itself
            a_panic_of_on_start_leaves_no_process
            a_panic_of_on_end_leaves_the_exit_known
            a_panic_of_on_end_during_a_panic_does_not_abort;
    }
}

fn locks() -> Vec<Trial> {
    trials! {
        file_lock:
            it_excludes_other_processes_and_threads
            it_is_free_when_its_holder_is_killed
            a_child_of_a_killed_holder_does_not_keep_it
            a_program_that_its_holder_executes_does_not_keep_it
            a_guard_in_a_child_does_nothing
            a_waiter_ends_when_it_is_asked_to
            shared_holders_exclude_only_an_exclusive_one
            a_lock_file_that_was_removed_excludes_no_process_and_is_made_again
            a_file_is_its_own_lock_by_any_name
            a_file_that_was_replaced_during_the_wait_is_locked_anew
            a_missing_file_is_not_made_by_its_own_lock
            a_lock_in_a_missing_folder_is_refused;
        mutex:
            no_increment_is_lost_between_processes_and_threads
            the_next_holder_learns_that_the_last_one_was_killed
            the_death_is_reported_until_a_holder_repairs_the_value
            a_panic_inside_is_reported_too
            the_next_holder_learns_the_dead_holders_name_and_time
            a_thread_that_ends_inside_is_named_by_its_own_name
            a_kill_at_any_step_is_reported_exactly_when_it_was_inside
            a_holder_that_dies_while_repairing_leaves_the_report
            try_lock_and_lock_timeout_do_not_wait_for_ever;
        guards:
            start_is_refused_while_the_caller_holds_a_guard
            start_is_refused_while_the_caller_may_repair_a_value
            a_forgotten_guard_refuses_every_later_start
            a_guard_that_an_ended_thread_forgot_keeps_the_mutex_locked
            a_guard_in_a_thread_local_is_dropped_with_its_thread
            a_guard_in_a_process_that_did_not_lock_does_nothing
            a_thread_that_holds_too_many_is_refused_one_more
            a_panic_hook_that_locks_what_the_panicking_thread_holds_gets_an_error
            memory_that_a_forgotten_guard_locks_stays_mapped
            memory_that_a_forgotten_guard_of_another_thread_locks_stays_mapped
            memory_that_no_thread_of_this_process_locks_is_unmapped;
        shared_vec:
            what_a_child_stores_in_a_vector_its_parent_sees
            a_vector_may_be_empty_and_is_refused_when_it_is_too_large;
        clock_steps:
            lock_timeout_keeps_its_time_while_the_clock_is_set_back;
    }
}

fn logs() -> Vec<Trial> {
    trials! {
        log:
            records_of_several_processes_are_whole_and_each_writers_in_its_order
            a_writer_killed_at_any_step_leaves_a_hole_or_a_whole_record
            a_stopped_writer_blocks_no_writer_and_no_reader
            a_log_grows_beyond_what_was_mapped_before_the_fork_and_a_kill_there_costs_nothing
            a_full_log_takes_one_last_record_even_if_its_writer_is_killed
            a_record_that_does_not_fit_is_refused_and_so_is_one_without_memory
            a_reader_that_appends_while_it_reads_comes_to_an_end
            a_reader_that_comes_again_does_not_read_from_the_beginning;
    }
}

fn programs() -> Vec<Trial> {
    trials! {
        examples:
            the_counter_is_right_after_a_kill_in_the_middle_of_an_update
            killed_workers_are_replaced_and_every_job_is_done
            the_job_of_a_killed_worker_is_done_by_another_one_first
            a_task_runs_again_when_its_worker_is_killed_and_fails_alone_the_third_time
            a_lock_between_programs_is_free_after_the_kill_of_its_holder;
        outside:
            a_program_outside_the_workspace_has_a_queue_between_processes
            a_program_that_depends_on_it_gets_no_command_line_json_or_terminal
            every_public_name_of_pythons_multiprocessing_is_in_a_table_of_the_readme
            what_is_published_is_complete_and_no_more;
    }
}
