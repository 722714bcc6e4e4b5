"""kill -9 the parent of a daemon: does the daemon end with it?"""

import json
import multiprocessing
import multiprocessing.connection
import os
import platform
import signal
import sys
import time

TRIES, DEADLINE = int(sys.argv[1]), float(sys.argv[2])
fork = multiprocessing.get_context("fork")


def live(tells):
    signal.alarm(30)  # ends it if no other process does
    tells.send(os.getpid())
    signal.pause()


def be_a_parent(tells):
    signal.alarm(30)
    fork.Process(target=live, args=(tells,), daemon=True).start()
    signal.pause()


def kill_the_parent():
    heard, tells = fork.Pipe(duplex=False)
    parent = fork.Process(target=be_a_parent, args=(tells,))
    parent.start()
    tells.close()
    daemon = heard.recv()
    parent.kill()
    parent.join()
    return daemon, heard


daemons = [kill_the_parent() for _ in range(TRIES)]
# A daemon that ends closes its end of the pipe.
waiting, until = {heard for _, heard in daemons}, time.monotonic() + DEADLINE
while waiting and time.monotonic() < until:
    waiting -= set(multiprocessing.connection.wait(waiting, until - time.monotonic()))
for daemon, heard in daemons:
    if heard in waiting:
        os.kill(daemon, signal.SIGKILL)
print(json.dumps({"version": platform.python_version(), "held": TRIES - len(waiting)}), flush=True)
