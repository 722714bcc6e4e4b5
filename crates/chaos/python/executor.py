"""kill -9 a worker of a ProcessPoolExecutor that runs a task: has every task a result?"""

import concurrent.futures


def results_of(tasks, until):
    for task in tasks:
        try:
            if task.exception(max(0, until - time.monotonic())) is None:
                yield task.result()
        except (concurrent.futures.TimeoutError, concurrent.futures.CancelledError):
            pass


def kill_a_worker():
    executor = concurrent.futures.ProcessPoolExecutor(2, fork, begin, [fork.RawValue("b", 0)])
    tasks = []
    try:
        for number in range(TASKS):
            tasks.append(executor.submit(work, number))
    except concurrent.futures.process.BrokenProcessPool:
        pass  # it takes no more
    results = list(results_of(tasks, time.monotonic() + DEADLINE))
    executor.shutdown(wait=True, cancel_futures=True)
    return len(results) == TASKS


say(sum(kill_a_worker() for _ in range(TRIES)))
