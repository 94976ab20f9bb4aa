"""The given number of processes that add to one multiprocessing.Value under its lock."""

import sys
from multiprocessing import Value
from time import perf_counter

from clients import Clients
from rounds import serve

# Additions between two looks at the clock, as in commonhold's workers.
TIMES_A_LOOK = 1000


def increment(value, seconds):
    started = perf_counter()
    end = started + seconds
    times = 0
    now = started
    while now < end:
        for _ in range(TIMES_A_LOOK):
            with value.get_lock():
                value.value += 1
        times += TIMES_A_LOOK
        now = perf_counter()
    return times, now - started


def measure(clients, value, seconds):
    value.value = 0
    times, took = clients.measure(seconds)
    if value.value != times:
        raise RuntimeError(f"{times} additions made {value.value}")
    return times, took


if __name__ == "__main__":
    value = Value("i", 0)
    clients = Clients(int(sys.argv[1]), increment, value)
    serve(lambda request: measure(clients, value, request["seconds"]))
