"""PAIRS producers put COUNT items into a JoinableQueue of CAPACITY, and PAIRS consumers take them, until join returns.

The items are numbers if SIZE is 0, else texts of SIZE characters.
"""


def produce(queue, items, all_put):
    for item in items:
        queue.put(item)
    all_put.release()
    return 0


def consume_numbers(queue):
    total = 0
    while True:
        item = queue.get()
        if item is None:
            return total
        total += item
        queue.task_done()


def consume_texts(queue):
    total = 0
    while True:
        item = queue.get()
        if item is None:
            return total
        total += len(item)
        queue.task_done()


def measure(count, pairs, size, capacity):
    count, pairs, size = int(count), int(pairs), int(size)
    queue = fork.JoinableQueue(int(capacity))
    all_put = fork.Semaphore(0)
    workers = Workers(2 * pairs)
    text = "x" * size
    for i in range(pairs):
        share = range(i, count, pairs)
        items = (text for _ in share) if size else share
        workers.start(produce, queue, items, all_put)
        workers.start(consume_texts if size else consume_numbers, queue)
    for _ in range(pairs):
        all_put.acquire()
    queue.join()
    seconds = time.perf_counter() - min(workers.begun)
    for _ in range(pairs):
        queue.put(None)
    workers.join()
    expect("the sum", count * size if size else count * (count - 1) // 2, sum(workers.totals))
    return {"count": count, "seconds": seconds}


report(measure)
