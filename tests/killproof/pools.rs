//! Pools of worker processes.

mod pool;
mod pool_deaths;
mod pool_ends;
mod pool_hard_cases;
mod pool_refusals;

use support::forking::Trial;
use support::trials;

pub(crate) fn trials() -> Vec<Trial> {
    trials! {
        pool:
            map_returns_every_result_in_the_order_of_the_inputs
            tasks_may_travel_each_alone_and_many_together
            unordered_results_come_each_once
            inputs_are_pulled_no_further_ahead_than_the_caller_allows
            results_that_are_not_read_hold_back_further_tasks
            the_inputs_of_one_call_are_inherited_whatever_they_are
            a_task_is_submitted_and_waited_for_polled_or_forgotten
            a_task_that_no_worker_has_taken_is_cancelled
            the_first_of_several_tasks_is_known
            each_worker_begins_once_and_is_replaced_after_its_last_task
            a_panic_is_the_error_of_its_task_alone
            progress_is_reported_up_to_the_last_task
            a_task_may_use_a_pool_of_its_own
            threads_that_are_started_later_share_a_pool
            large_results_of_one_chunk_come_in_parts_and_each_task_runs_once
            an_executor_runs_any_function_without_captures;
        pool_deaths:
            a_task_whose_worker_is_killed_runs_again
            a_task_that_kills_its_workers_fails_alone_and_each_death_is_named
            of_a_chunk_the_task_that_killed_fails_and_no_other_runs_twice
            a_worker_killed_at_any_step_loses_no_result_and_doubles_none
            workers_killed_at_any_moment_lose_no_result_and_each_death_repeats_one_task_at_most
            a_process_that_ends_itself_in_a_task_has_died_with_it
            the_last_attempt_runs_while_no_other_task_does
            a_task_that_takes_too_long_is_ended_and_not_run_again
            a_stopped_task_that_blocks_every_signal_and_has_no_descriptor_is_ended_in_its_time
            workers_killed_after_a_task_are_replaced_without_a_limit
            workers_killed_before_a_task_are_replaced_up_to_the_limit
            an_init_that_fails_is_said_once_and_ends_the_pool;
        pool_ends:
            nothing_is_left_when_its_owner_is_killed
            nothing_is_left_when_its_owner_executes_another_program
            what_a_killed_task_has_started_is_ended
            a_killed_task_leaves_nothing_of_its_own_pool
            dropping_it_ends_what_runs_within_one_grace
            close_waits_for_all_tasks_and_drops_what_init_made
            a_wait_says_so_when_the_keeper_is_killed
            a_request_to_end_ends_the_wait_and_the_pool
            a_forked_process_is_refused_and_its_copy_ends_nothing
            a_task_that_forks_and_comes_back_twice_has_one_result
            an_iterator_that_panics_leaves_the_pool_whole;
        pool_hard_cases:
            a_worker_stopped_at_any_step_is_ended_in_its_time_and_loses_no_result
            a_worker_stopped_while_idle_goes_on_when_the_pool_is_closed
            tasks_go_on_while_the_keeper_is_stopped_and_so_does_the_end_of_the_pool
            the_end_of_a_killed_keeper_sends_its_owner_no_signal
            a_pool_works_where_the_ends_of_children_are_ignored
            a_forked_process_takes_no_result_of_the_pool_it_was_forked_from
            a_process_that_a_task_has_forked_tells_of_its_own_panics
            a_task_that_closes_all_descriptors_finds_nothing_written_into_its_own_files;
        pool_refusals:
            a_pool_that_cannot_be_is_not_made
            a_pool_without_descriptors_is_refused
            inputs_that_cannot_travel_fail_alone
            results_that_cannot_travel_fail_alone
            what_is_too_large_fails_alone;
    }
}
