"""Prints the bytes by which a Manager grows for each thread that waits in the get() of one Queue."""

import os
import sys
from multiprocessing import Manager
from threading import Thread
from time import sleep


def resident(pid):
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmRSS:"))


def threads(pid):
    return len(os.listdir(f"/proc/{pid}/task"))


if __name__ == "__main__":
    waiters = int(sys.argv[1])
    manager = Manager()
    pid = manager._process.pid
    queue = manager.Queue()
    queue.qsize()
    # Waits for the end of the threads that created the queue.
    sleep(0.2)
    before, idle = resident(pid), threads(pid)
    for waiter in range(waiters):
        Thread(target=queue.get, daemon=True).start()
        # One by one: the server refuses more connections at a time than its backlog.
        while threads(pid) <= idle + waiter:
            sleep(0.001)
    # Waits until the last thread is in get().
    sleep(0.2)
    print((resident(pid) - before) / waiters, flush=True)
    manager._process.kill()
    os._exit(0)
