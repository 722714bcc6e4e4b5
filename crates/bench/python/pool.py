"""COUNT tasks for two workers, in one of these WAYs. A task returns its input, which is a number if SIZE is 0, else a text of SIZE characters.

map: Pool.map as it chooses its chunks. alone: Pool.map of chunks of one. unordered: Pool.imap_unordered of CHUNK.
submit: ProcessPoolExecutor.submit of all, then every result. there-and-back: Pool.apply, one after the other.
executor: the same of a ProcessPoolExecutor. create: COUNT pools, each for one task.
"""
from concurrent.futures import ProcessPoolExecutor

WORKERS = 2
CHUNK = 64


def same(value):
    return value


def total(results, size):
    return sum(len(result) for result in results) if size else sum(results)


def run(way, pool, executor, items):
    if way == "map":
        return pool.map(same, items)
    if way == "alone":
        return pool.map(same, items, chunksize=1)
    if way == "unordered":
        return pool.imap_unordered(same, items, chunksize=CHUNK)
    if way == "unordered-alone":
        return pool.imap_unordered(same, items)
    if way == "submit":
        return [future.result() for future in [executor.submit(same, item) for item in items]]
    if way == "there-and-back":
        return (pool.apply(same, (item,)) for item in items)
    if way == "executor":
        return (executor.submit(same, item).result() for item in items)
    raise ValueError(way)


def create(items):
    for item in items:
        with fork.Pool(WORKERS) as pool:
            yield pool.apply(same, (item,))


def measure(count, way, size):
    count, size = int(count), int(size)
    # No two texts are one object, which pickle would send once in a chunk.
    items = [str(number).rjust(size, "x") for number in range(count)] if size else range(count)
    expected = count * size if size else count * (count - 1) // 2
    if way == "create":
        began = time.perf_counter()
        observed = total(create(items), size)
        seconds = time.perf_counter() - began
    else:
        with fork.Pool(WORKERS) as pool, ProcessPoolExecutor(WORKERS, mp_context=fork) as executor:
            pool.map(same, range(WORKERS))
            executor.submit(same, 0).result()
            began = time.perf_counter()
            observed = total(run(way, pool, executor, items), size)
            seconds = time.perf_counter() - began
    expect("the sum", expected, observed)
    return {"count": count, "seconds": seconds}


report(measure)
