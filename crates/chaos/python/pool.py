"""kill -9 a worker of a Pool that runs a task: does map() return?"""

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


def kill_a_worker():
    pool = fork.Pool(2, begin, [fork.RawValue("b", 0)])
    return pool, pool.map_async(work, range(TASKS), chunksize=1)


pools = [kill_a_worker() for _ in range(TRIES)]
until = time.monotonic() + DEADLINE
for _, results in pools:
    results.wait(max(0, until - time.monotonic()))
held = sum(results.ready() and results.successful() for _, results in pools)
for pool, _ in pools:
    pool.terminate()
print(json.dumps({"version": platform.python_version(), "held": held}), flush=True)
