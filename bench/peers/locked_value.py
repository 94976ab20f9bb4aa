"""A lock and a value of one Manager(): acquire, read, write, release are four round trips."""

from multiprocessing import Manager
from time import perf_counter

from rounds import serve


def increment(lock, value, seconds):
    started = perf_counter()
    end = started + seconds
    times = 0
    now = started
    while now < end:
        with lock:
            value.value += 1
        times += 1
        now = perf_counter()
    return times, now - started


if __name__ == "__main__":
    with Manager() as manager:
        lock, value = manager.Lock(), manager.Value("i", 0)
        serve(lambda request: increment(lock, value, request["seconds"]))
