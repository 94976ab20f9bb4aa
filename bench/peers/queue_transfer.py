"""One string of 64 bytes a call from a producer process to a consumer process.

The argument says through which queue: "manager" for Manager().Queue(), "multiprocessing" for
multiprocessing.Queue().
"""

import sys
from multiprocessing import Manager, Pipe, Process, Queue
from time import perf_counter

from rounds import serve

ITEM = "x" * 64


def produce(queue, commands):
    while True:
        for _ in range(commands.recv()):
            queue.put(ITEM)


def consume(queue, commands):
    while True:
        items = commands.recv()
        started = perf_counter()
        for _ in range(items):
            queue.get()
        commands.send(perf_counter() - started)


def measure(producer, consumer, items):
    consumer.send(items)
    producer.send(items)
    return items, consumer.recv()


def start(target, queue):
    ours, theirs = Pipe()
    Process(target=target, args=(queue, theirs), daemon=True).start()
    return ours


def run(queue):
    consumer = start(consume, queue)
    producer = start(produce, queue)
    serve(lambda request: measure(producer, consumer, request["items"]))


if __name__ == "__main__":
    if sys.argv[1] == "manager":
        with Manager() as manager:
            run(manager.Queue())
    else:
        run(Queue())
