//! What is tried of the queues.

use support::forking::Trial;
use support::trials;

use crate::{
    codec, consumers, dead_letters, holders, joinable, many_leases, marks, observer, queue, queue_kills, stops,
};

pub(crate) fn trials() -> Vec<Trial> {
    trials! {
        queue:
            what_goes_in_first_comes_out_first
            every_value_arrives_once_in_each_producers_order
            a_full_queue_hands_the_value_back
            a_blocked_put_goes_on_after_a_get
            an_empty_queue_returns_that_it_is_empty
            a_closed_queue_is_drained_and_then_disconnected
            close_wakes_every_waiter
            a_value_that_cannot_travel_changes_nothing
            an_error_of_one_way_to_wait_becomes_that_of_another
            a_message_of_another_type_is_unreadable
            large_and_empty_messages_travel_whole
            an_impossible_capacity_is_refused
            a_queue_takes_memory_for_its_messages_and_not_for_its_capacity
            a_killed_getter_leaves_the_queue_to_others;
        codec:
            a_value_nested_too_deep_is_refused_and_one_less_deep_travels
            nesting_overflows_no_stack
            an_option_whose_content_is_written_as_nothing_is_refused
            a_verified_queue_refuses_what_would_be_read_as_another_value
            a_verified_queue_takes_every_value_that_can_be_read;
        joinable:
            join_returns_when_all_is_done
            an_undone_delivery_comes_back_in_front
            a_killed_holders_delivery_goes_to_another_consumer
            a_consumer_that_only_polls_gets_what_a_dead_one_held
            a_closed_queue_waits_for_what_may_come_back
            unfinished_values_count_against_the_capacity
            kills_in_the_middle_of_traffic_lose_nothing_that_was_acknowledged;
        queue_kills:
            a_put_that_was_killed_is_wholly_in_or_wholly_out
            a_get_that_was_killed_took_its_value_or_did_not
            a_consumer_killed_at_any_step_leaves_its_value_to_others
            a_process_that_returns_a_dead_ones_lease_may_be_killed_too
            a_process_that_repairs_the_index_may_be_killed_too
            a_waker_that_is_killed_leaves_no_waiter_asleep
            join_gives_up_when_every_consumer_is_dead
            every_successor_that_dies_gives_its_own_successor_time
            producers_and_consumers_killed_in_traffic_lose_nothing;
        observer:
            an_observer_may_use_what_its_reports_are_about
            a_panic_of_an_observer_loses_its_report_and_nothing_else
            a_panic_of_an_observer_during_a_panic_does_not_abort
            an_observer_that_panics_at_a_fork_ends_the_child
            a_span_says_whether_its_holder_panicked;
        marks:
            an_observer_learns_who_put_what_a_consumer_gets
            a_wait_of_many_ticks_is_one_span;
        stops:
            producers_keep_their_deadlines_while_one_is_stopped_inside
            consumers_keep_their_deadlines_while_one_is_stopped_inside
            a_process_that_is_stopped_while_it_repairs_holds_up_no_deadline
            a_successor_that_is_stopped_while_it_recovers_is_a_consumer
            every_operation_ends_when_its_process_is_asked_to_end_meanwhile
            a_delivery_is_acknowledged_or_goes_to_another_consumer_although_a_process_is_stopped
            a_queue_that_is_closed_while_a_producer_is_stopped_inside_loses_nothing;
        holders:
            a_holder_is_known_to_be_alive_where_proc_is_not
            a_consumer_without_proc_gets_values_and_is_known_to_die
            an_exec_ends_the_leases_of_its_process
            a_process_with_the_pid_of_an_ancestor_is_a_consumer_of_its_own
            a_put_does_not_wait_for_dead_consumers
            a_process_that_joins_is_no_consumer_to_wait_for
            another_thread_of_the_joining_process_is_a_consumer
            join_says_who_holds_what
            a_lease_ends_at_its_limit;
        consumers:
            two_threads_that_come_at_once_are_one_consumer
            a_process_that_comes_in_vain_takes_one_place
            a_lease_is_its_holders_until_its_limit;
        many_leases:
            the_leases_of_a_dead_consumer_come_back_in_linear_time;
        dead_letters:
            a_value_that_kills_its_holders_becomes_a_dead_letter
            a_value_that_makes_its_holders_panic_becomes_a_dead_letter
            a_value_that_makes_its_readers_panic_becomes_a_dead_letter
            a_value_taken_during_a_panic_is_returned_without_a_death
            the_number_of_deaths_is_settable
            a_queue_full_of_dead_letters_refuses_to_wait_for_room
            dead_letters_are_in_the_order_of_their_puts
            a_process_that_decides_about_a_dead_letter_may_be_killed;
    }
}
