"""kill -9 a worker of a Pool that runs a task: does map() return?"""


def kill_a_worker():
    pool = fork.Pool(2, begin, [fork.RawValue("b", 0)])
    return pool, pool.map_async(work, range(TASKS), chunksize=1)


pools = [kill_a_worker() for _ in range(TRIES)]
until = time.monotonic() + DEADLINE
for _, results in pools:
    results.wait(max(0, until - time.monotonic()))
held = sum(results.ready() and results.successful() for _, results in pools)
for pool, _ in pools:
    pool.terminate()
say(held)
