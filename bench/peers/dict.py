"""Alternating set and get in one Manager().dict(), from the given number of processes."""

import sys
from multiprocessing import Manager
from time import perf_counter

from clients import Clients
from rounds import serve

KEYS = [f"key:{index}" for index in range(1000)]


def alternate(shared, seconds):
    started = perf_counter()
    end = started + seconds
    calls = 0
    now = started
    while now < end:
        key = KEYS[(calls >> 1) % len(KEYS)]
        shared[key] = calls
        shared[key]
        calls += 2
        now = perf_counter()
    return calls, now - started


if __name__ == "__main__":
    with Manager() as manager:
        clients = Clients(int(sys.argv[1]), alternate, manager.dict())
        serve(lambda request: clients.measure(request["seconds"]))
