"""Starts and joins COUNT processes that do nothing, one after the other."""


def nothing():
    pass


def measure(count):
    began = time.perf_counter()
    for _ in range(int(count)):
        process = fork.Process(target=nothing)
        process.start()
        process.join()
    seconds = time.perf_counter() - began
    expect("the exit code", 0, process.exitcode)
    return {"count": int(count), "seconds": seconds}


report(measure)
