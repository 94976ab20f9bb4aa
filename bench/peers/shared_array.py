"""Sums of a multiprocessing.Array of 1,000,000 doubles: "elements" one by one, or as a "buffer"."""

import sys
from multiprocessing import Array
from time import perf_counter

from rounds import serve

LENGTH = 1_000_000


def sum_up(numbers, seconds):
    started = perf_counter()
    end = started + seconds
    times = 0
    now = started
    while now < end:
        if sum(numbers) != LENGTH * (LENGTH - 1) / 2:
            raise RuntimeError("a wrong sum")
        times += 1
        now = perf_counter()
    return times * LENGTH, now - started


if __name__ == "__main__":
    array = Array("d", range(LENGTH))
    elements = array.get_obj()
    # memoryview does not iterate over the format of ctypes.
    numbers = elements if sys.argv[1] == "elements" else memoryview(elements).cast("B").cast("d")
    serve(lambda request: sum_up(numbers, request["seconds"]))
