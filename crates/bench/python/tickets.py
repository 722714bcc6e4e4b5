"""Eight processes buy COUNT tickets from one file in FOLDER, as the notes do, until none is left.

Without the notes' delays and printing. Nothing is synced to the disk.
"""


def buy(path, mutex):
    sold = 0
    while True:
        mutex.acquire()
        with open(path, "r", encoding="utf-8") as f:
            dic = json.load(f)
        seen = dic.get("tickets_num")
        if seen > 0:
            dic["tickets_num"] -= 1
            with open(path, "w", encoding="utf-8") as f:
                json.dump(dic, f)
        mutex.release()
        if seen <= 0:
            return sold
        sold += 1


def measure(count, folder):
    path = os.path.join(folder, "tickets.json")
    if os.path.exists(path):
        os.remove(path)
    with open(path, "w", encoding="utf-8") as f:
        json.dump({"tickets_num": int(count)}, f)
    mutex = fork.Lock()
    workers = Workers(8)
    for _ in range(8):
        workers.start(buy, path, mutex)
    workers.join()
    with open(path, "r", encoding="utf-8") as f:
        expect("the number left", 0, json.load(f)["tickets_num"])
    expect("the number sold", int(count), sum(workers.totals))
    return {"count": int(count), "seconds": workers.seconds()}


report(measure)
