"""What all scripts of the bench share: it stands in front of each of them.

A script is given its amount of work and prints one JSON object: {"count": ..., "seconds": ...}, or
{"error": ...}. Its own start is not in the seconds. perf_counter is one clock for all processes.
"""
import ctypes
import json
import multiprocessing
import os
import signal
import sys
import time

# What Process and Queue stand on by default differs between versions of Python; ours fork.
fork = multiprocessing.get_context("fork")
CAPACITY = 1024
PATIENCE = 60


PR_SET_PDEATHSIG = 1


def die_with(parent):
    """No process of a script shall outlive it, however it ends. Python's daemons outlive a SIGKILL."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


class Team:
    """Processes that begin together. Each one's `work` returns a total, which are added up."""

    def __init__(self, size):
        self.barrier = fork.Barrier(size)
        self.begun = fork.RawArray("d", size)
        self.ended = fork.RawArray("d", size)
        self.totals = fork.RawArray("Q", size)
        self.members = []
        self.parent = os.getpid()

    def add(self, work, *args):
        member = fork.Process(target=self.run, args=(len(self.members), work, args), daemon=True)
        member.start()
        self.members.append(member)

    def run(self, number, work, args):
        die_with(self.parent)
        self.barrier.wait(PATIENCE)
        self.begun[number] = time.perf_counter()
        self.totals[number] = work(*args)
        self.ended[number] = time.perf_counter()

    def join(self):
        for member in self.members:
            member.join()
            if member.exitcode != 0:
                raise RuntimeError(f"a process of the script ended with {member.exitcode}")

    def seconds(self):
        return max(self.ended) - min(self.begun)


def expect(what, expected, observed):
    if observed != expected:
        raise RuntimeError(f"{what} is {observed} and must be {expected}")


def tell(**found):
    print(json.dumps(found), flush=True)


def report(measure):
    """Calls `measure` with the arguments of the script and tells what it found."""
    try:
        tell(**measure(*sys.argv[1:]))
    except Exception as error:
        tell(error=str(error) or type(error).__name__)
