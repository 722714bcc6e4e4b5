//! What becomes of each object in each situation: the tables in the documentation of `process`, cell by cell.

mod at_fork;
mod copies;
mod everywhere;
mod kernel_state;
mod owned;
mod subjects;

use support::forking::Trial;
use support::trials;

pub(crate) fn trials() -> Vec<Trial> {
    trials! {
        kernel_state:
            memory_that_the_parent_has_locked_is_not_locked_in_the_child
            a_filter_of_system_calls_is_copied_and_one_of_the_child_stays_there
            priority_limits_and_cpus_are_copied_and_a_change_stays_in_the_child
            a_signalfd_has_the_signals_of_the_process_that_reads_it
            a_timer_that_is_a_descriptor_expires_once_for_both
            the_status_flags_of_an_open_file_are_shared
            the_list_of_an_epoll_is_shared;
        at_fork:
            handlers_that_are_registered_for_a_fork_run_in_their_order
            the_list_of_changes_of_an_inotify_is_shared;
        everywhere:
            an_object_that_moved_into_a_child_is_shared_with_what_its_maker_keeps
            an_object_that_its_maker_has_dropped_is_shared_by_its_children
            an_object_is_used_by_an_orphan
            an_object_that_children_drop_or_leak_stays_their_parents
            an_object_is_left_whole_by_a_user_that_executes_another_program
            an_object_is_used_by_another_thread
            an_object_is_used_while_another_user_is_stopped
            an_object_is_used_from_another_namespace;
        copies:
            a_delivery_is_of_the_process_that_got_it
            a_dead_letter_is_decided_about_once
            a_hook_at_the_end_is_called_by_the_parent_alone
            a_supervisor_is_of_the_process_that_made_it;
        owned:
            a_mutex_whose_holder_executes_another_program_is_free
            a_lock_that_a_stopped_process_holds_breaks_no_timeout
            a_lock_on_a_file_excludes_processes_of_other_namespaces
            a_leaked_lock_on_a_file_is_held_until_its_process_ends
            a_delivery_of_a_stopped_process_goes_to_another_one_at_its_limit
            a_child_that_executes_another_program_is_the_same_child
            children_of_a_process_that_executes_another_program_are_bound_to_that
            a_child_is_joined_by_another_thread
            no_descriptor_of_an_object_is_open_in_another_program
            a_worker_that_is_stopped_or_executes_another_program_is_watched
            workers_of_a_leaked_supervisor_end_with_their_parent;
    }
}
