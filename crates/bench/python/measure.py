"""The beginning of every script of the bench.

A script gets its amount of work as an argument and prints one JSON object: {"count": ..., "seconds": ...},
or {"error": ...}. Its own start is not in the seconds. perf_counter is one clock for all processes.
"""
import ctypes
import json
import multiprocessing
import os
import signal
import sys
import time

# The default start method differs between versions of Python; ours forks.
fork = multiprocessing.get_context("fork")
CAPACITY = 1024
PATIENCE = 60
PR_SET_PDEATHSIG = 1


def die_with(parent):
    """Ends this process with its parent, however the parent ends. A daemon of Python outlives a parent that is killed."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


class Workers:
    """Processes that begin together. The `work` of each returns a total."""

    def __init__(self, count):
        self.barrier = fork.Barrier(count)
        self.begun = fork.RawArray("d", count)
        self.ended = fork.RawArray("d", count)
        self.totals = fork.RawArray("Q", count)
        self.processes = []
        self.parent = os.getpid()

    def start(self, work, *args):
        process = fork.Process(target=self.run, args=(len(self.processes), work, args), daemon=True)
        process.start()
        self.processes.append(process)

    def run(self, number, work, args):
        die_with(self.parent)
        self.barrier.wait(PATIENCE)
        self.begun[number] = time.perf_counter()
        self.totals[number] = work(*args)
        self.ended[number] = time.perf_counter()

    def join(self):
        for process in self.processes:
            process.join()
            if process.exitcode != 0:
                raise RuntimeError(f"a process of the script ended with {process.exitcode}")

    def seconds(self):
        return max(self.ended) - min(self.begun)


def expect(what, expected, observed):
    if observed != expected:
        raise RuntimeError(f"{what} is {observed} and must be {expected}")


def answer(result):
    print(json.dumps(result), flush=True)


def report(measure):
    """Calls `measure` with the arguments of the script and prints its result."""
    try:
        answer(measure(*sys.argv[1:]))
    except Exception as error:
        answer({"error": str(error) or type(error).__name__})
