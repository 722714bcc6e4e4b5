"""kill -9 a process that is blocked in Queue.get: can another process still get?"""

import json
import multiprocessing
import os
import platform
import queue as errors
import signal
import sys
import threading

TRIES, DEADLINE = int(sys.argv[1]), float(sys.argv[2])
fork = multiprocessing.get_context("fork")


def get(queue):
    signal.alarm(30)  # ends it if no other process does
    queue.get()


def kill_the_getter():
    queue = fork.Queue()
    getter = fork.Process(target=get, args=(queue,), daemon=True)
    getter.start()
    # It waits for an item while it holds the lock of all readers.
    while queue._rlock.acquire(block=False):
        queue._rlock.release()
    getter.kill()
    getter.join()
    return queue


def try_to_get(queue):
    try:
        got.append(queue.get(timeout=DEADLINE))
    except errors.Empty:
        pass


got = []
queues = [kill_the_getter() for _ in range(TRIES)]
tries = [threading.Thread(target=try_to_get, args=(queue,), daemon=True) for queue in queues]
for queue, attempt in zip(queues, tries):
    queue.put("an item")
    attempt.start()
for attempt in tries:
    attempt.join()
print(json.dumps({"version": platform.python_version(), "held": len(got)}), flush=True)
os._exit(0)
