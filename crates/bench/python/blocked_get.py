"""A process waits MILLISECONDS for an item of a Queue. The count is the CPU time of the wait, in seconds."""


def get(queue, ready, found, parent):
    die_with(parent)
    ready.set()
    began, used = time.perf_counter(), time.process_time()
    item = queue.get()
    found[0], found[1] = time.process_time() - used, time.perf_counter() - began
    found[2] = item


def measure(milliseconds):
    seconds = int(milliseconds) / 1000
    queue, ready, found = fork.Queue(CAPACITY), fork.Event(), fork.RawArray("d", 3)
    getter = fork.Process(target=get, args=(queue, ready, found, os.getpid()), daemon=True)
    getter.start()
    ready.wait(PATIENCE)
    time.sleep(seconds)
    queue.put(7)
    getter.join()
    expect("the item", 7, found[2])
    return {"count": found[0], "seconds": found[1]}


report(measure)
