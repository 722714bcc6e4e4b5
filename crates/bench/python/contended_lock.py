"""Two processes add 1 to one number under one lock, each COUNT / 2 times."""


def add(lock, number, count):
    for _ in range(count):
        lock.acquire()
        number.value += 1
        lock.release()
    return count


def measure(count):
    half = int(count) // 2
    lock = fork.Lock()
    number = fork.Value("Q", lock=False)
    workers = Workers(2)
    for _ in range(2):
        workers.start(add, lock, number, half)
    workers.join()
    expect("the number", 2 * half, number.value)
    return {"count": 2 * half, "seconds": workers.seconds()}


report(measure)
