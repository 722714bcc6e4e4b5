"""kill -9 a consumer of a JoinableQueue that holds an item: does join() return?"""

import json
import multiprocessing
import os
import platform
import signal
import sys
import threading
import time

TRIES, DEADLINE = int(sys.argv[1]), float(sys.argv[2])
fork = multiprocessing.get_context("fork")


def take_and_wait(queue, took):
    signal.alarm(30)  # ends it if no other process does
    queue.get()
    took.send(True)
    signal.pause()


def work(queue):
    signal.alarm(30)
    while True:
        queue.get()
        queue.task_done()


def kill_the_holder():
    queue = fork.JoinableQueue()
    heard, took = fork.Pipe(duplex=False)
    holder = fork.Process(target=take_and_wait, args=(queue, took), daemon=True)
    holder.start()
    queue.put("an item")
    heard.recv()
    survivor = fork.Process(target=work, args=(queue,), daemon=True)
    survivor.start()
    holder.kill()
    holder.join()
    return queue, survivor


queues = [kill_the_holder() for _ in range(TRIES)]
joins = [threading.Thread(target=queue.join, daemon=True) for queue, _ in queues]
for join in joins:
    join.start()
until = time.monotonic() + DEADLINE
for join in joins:
    join.join(max(0, until - time.monotonic()))
held = sum(not join.is_alive() for join in joins)
for _, survivor in queues:
    survivor.kill()
    survivor.join()
print(json.dumps({"version": platform.python_version(), "held": held}), flush=True)
os._exit(0)  # the threads that join would keep it alive
