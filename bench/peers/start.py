"""Prints the milliseconds that Manager() takes; the import is not counted."""

from multiprocessing import Manager
from time import perf_counter

if __name__ == "__main__":
    started = perf_counter()
    with Manager():
        print((perf_counter() - started) * 1000)
