"""COUNT numbers go from one process to another through a Queue."""


def produce(queue, count):
    for i in range(count):
        queue.put(i)
    return 0


def consume(queue, count):
    total = 0
    for _ in range(count):
        total += queue.get()
    return total


def measure(count):
    count = int(count)
    queue = fork.Queue(CAPACITY)
    workers = Workers(2)
    workers.start(produce, queue, count)
    workers.start(consume, queue, count)
    workers.join()
    expect("the sum", count * (count - 1) // 2, sum(workers.totals))
    return {"count": count, "seconds": workers.seconds()}


report(measure)
