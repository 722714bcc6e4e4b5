"""kill -9 a process that holds a Lock: does another process ever get it?"""

import json
import multiprocessing
import platform
import signal
import sys
import threading

TRIES, DEADLINE = int(sys.argv[1]), float(sys.argv[2])
fork = multiprocessing.get_context("fork")


def hold(lock, holds):
    signal.alarm(30)  # ends it if no other process does
    lock.acquire()
    holds.send(True)
    signal.pause()


def kill_the_holder():
    lock = fork.Lock()
    heard, holds = fork.Pipe(duplex=False)
    holder = fork.Process(target=hold, args=(lock, holds), daemon=True)
    holder.start()
    heard.recv()
    holder.kill()
    holder.join()
    return lock


def try_to_take(lock):
    if lock.acquire(timeout=DEADLINE):
        taken.append(lock)


taken = []
locks = [kill_the_holder() for _ in range(TRIES)]
tries = [threading.Thread(target=try_to_take, args=(lock,)) for lock in locks]
for attempt in tries:
    attempt.start()
for attempt in tries:
    attempt.join()
print(json.dumps({"version": platform.python_version(), "held": len(taken)}), flush=True)
