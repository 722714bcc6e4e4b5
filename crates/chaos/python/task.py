"""A task that kills its worker once, for the scripts about pools, which begin with this."""

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


def say(held):
    print(json.dumps({"version": platform.python_version(), "held": held}), flush=True)
