"""The same work in Python: `same_work.py cpu|io TASKS AMOUNT ROUNDS`. Prints one JSON object a line."""
import json
import sys


def tell(**what):
    print(json.dumps(what), flush=True)


if sys.version_info < (3, 8):
    tell(error="older than 3.8")
    sys.exit(0)

import multiprocessing
import resource
import threading
import time


def cpu(work):
    res = 0
    for i in range(work):
        res += i
    return res == work * (work - 1) // 2


def io(seconds):
    time.sleep(seconds)
    return True


def serial(task, amount, tasks):
    return sum(task(amount) for _ in range(tasks))


def threads(task, amount, tasks):
    results = []
    run = lambda: results.append(task(amount))
    started = [threading.Thread(target=run, daemon=True) for _ in range(tasks)]
    for thread in started:
        thread.start()
    for thread in started:
        thread.join()
    return sum(results)


def processes(task, amount, tasks):
    run = lambda: sys.exit(0 if task(amount) else 1)
    fork = multiprocessing.get_context("fork")
    started = [fork.Process(target=run, daemon=True) for _ in range(tasks)]
    for process in started:
        process.start()
    for process in started:
        process.join()
    return sum(process.exitcode == 0 for process in started)


def cpu_seconds():
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def main(kind, tasks, amount, rounds):
    task, amount = (cpu, int(amount)) if kind == "cpu" else (io, float(amount))
    tell(version=sys.version.split()[0])
    for way in (threads, processes, serial) * int(rounds):
        began, used = time.perf_counter(), cpu_seconds()
        right = way(task, amount, int(tasks))
        wall, used = time.perf_counter() - began, cpu_seconds() - used
        tell(way=way.__name__, wall=wall, cpu=used, right=right)


try:
    main(*sys.argv[1:])
except Exception as error:
    tell(error=str(error) or type(error).__name__)
