"""Two processes add 1 to one number under one lock, COUNT times together."""


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
    team = Team(2)
    for _ in range(2):
        team.add(add, lock, number, half)
    team.join()
    expect("the number", 2 * half, number.value)
    return {"count": 2 * half, "seconds": team.seconds()}


report(measure)
