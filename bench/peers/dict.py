"""Alternating set and get in one Manager().dict(), from the given number of processes."""

import sys
from multiprocessing import Manager, Pipe, Process
from time import perf_counter

from rounds import serve

KEYS = [f"key:{index}" for index in range(1000)]


def client(shared, commands):
    while True:
        commands.send(alternate(shared, commands.recv()))


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


def measure(clients, seconds):
    for commands in clients:
        commands.send(seconds)
    answers = [commands.recv() for commands in clients]
    calls = sum(calls for calls, _ in answers)
    rate = sum(calls / took for calls, took in answers)
    return calls, calls / rate


def start_client(shared):
    ours, theirs = Pipe()
    Process(target=client, args=(shared, theirs), daemon=True).start()
    return ours


if __name__ == "__main__":
    with Manager() as manager:
        shared = manager.dict()
        clients = [start_client(shared) for _ in range(int(sys.argv[1]))]
        serve(lambda request: measure(clients, request["seconds"]))
