"""Takes an uncontended lock COUNT times, and adds 1 to a number under it.

It calls acquire and release, as the notes do: `with lock` takes longer.
"""


def measure(count):
    lock = fork.Lock()
    n = 0
    began = time.perf_counter()
    for _ in range(int(count)):
        lock.acquire()
        n += 1
        lock.release()
    seconds = time.perf_counter() - began
    expect("the number", int(count), n)
    # The same without the lock: the part of these seconds that the loop itself takes.
    n = 0
    began = time.perf_counter()
    for _ in range(int(count)):
        n += 1
    return {"count": int(count), "seconds": seconds, "loop_seconds": time.perf_counter() - began}


report(measure)
