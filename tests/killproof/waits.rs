//! Waiting for other processes: events that are cleared, semaphores, condition variables, read-write locks.

mod condvar;
mod event;
mod rw_lock;
mod semaphore;

use support::forking::Trial;
use support::trials;

pub(crate) fn trials() -> Vec<Trial> {
    trials! {
        semaphore:
            no_more_processes_hold_permits_than_there_are
            the_permits_of_a_killed_holder_are_free
            a_successor_in_the_place_of_a_dead_holder_holds_none_of_its_permits
            a_waiter_for_a_permit_keeps_its_time_while_the_holder_is_stopped
            a_holder_that_is_killed_as_it_wakes_a_waiter_leaves_none_asleep
            a_consumed_permit_is_gone_and_an_added_one_wakes_a_waiter
            a_bounded_semaphore_refuses_a_permit_too_many
            the_copy_of_a_permit_in_a_child_does_nothing
            a_semaphore_without_permits_waits_for_one;
        event:
            an_event_that_was_cleared_is_waited_for_again
            a_waiter_that_was_woken_returns_although_the_event_is_cleared_before_it_looks;
        condvar:
            each_notification_lets_a_waiter_go_on
            a_notification_whose_waiter_is_killed_is_another_waiters
            all_waiters_go_on_when_all_are_notified
            a_waiter_learns_of_a_holder_that_died_inside
            a_wait_that_times_out_has_the_mutex_again_or_says_that_it_has_not
            a_wait_with_the_guard_of_another_mutex_is_refused;
        rw_lock:
            no_reader_sees_half_a_change_and_no_change_is_lost
            several_read_at_a_time_and_a_writer_waits_for_them
            a_writer_that_was_killed_inside_is_reported_until_its_value_is_repaired
            a_writer_that_panics_inside_is_reported_and_a_reader_that_panics_is_not
            a_repair_ends_the_report_of_a_panic
            a_writer_that_came_in_during_a_panic_does_no_harm_to_the_value
            a_reader_that_writes_is_refused_at_once_though_others_read
            readers_starve_no_writer
            a_thread_that_reads_may_read_again_while_a_writer_waits_and_cannot_write
            deadlines_of_a_read_write_lock_are_kept_while_a_process_is_stopped_inside
            more_readers_than_there_are_places_wait_for_each_other
            start_is_refused_while_the_caller_reads_or_writes
            a_writer_that_dies_in_the_middle_of_a_repair_leaves_the_report;
    }
}
