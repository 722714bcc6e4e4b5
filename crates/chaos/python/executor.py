"""kill -9 a worker of a ProcessPoolExecutor that runs a task: has every task a result?"""

import concurrent.futures
import json
import multiprocessing
import os
import platform
import signal
import sys
import time

TRIES, DEADLINE = int(sys.argv[1]), float(sys.argv[2])
TASKS = 40
fork = multiprocessing.get_context("fork")


def begin(shared):
    global was_killed
    was_killed = shared
    signal.alarm(30)  # ends it if no other process does


def work(number):
    if number == 10 and not was_killed.value:
        was_killed.value = 1
        os.kill(os.getpid(), signal.SIGKILL)  # as the kernel does when memory is short
    return number


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


held = sum(kill_a_worker() for _ in range(TRIES))
print(json.dumps({"version": platform.python_version(), "held": held}), flush=True)
