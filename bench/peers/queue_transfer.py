"""One item a call from a producer process to a consumer process.

Arguments: through which queue, "manager" for Manager().Queue() or "multiprocessing" for
multiprocessing.Queue(); "text" or "bytes"; the length of an item; the capacity of the queue, 0 for
any number of items.
"""

import sys
from multiprocessing import Manager, Pipe, Process, Queue
from time import perf_counter

from rounds import serve


def produce(queue, item, commands):
    while True:
        for _ in range(commands.recv()):
            queue.put(item)


def consume(queue, item, commands):
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


def start(target, queue, item):
    ours, theirs = Pipe()
    Process(target=target, args=(queue, item, theirs), daemon=True).start()
    return ours


def run(queue, item):
    consumer = start(consume, queue, item)
    producer = start(produce, queue, item)
    serve(lambda request: measure(producer, consumer, request["items"]))


if __name__ == "__main__":
    kind, type_, length, capacity = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    item = "x" * length if type_ == "text" else bytes(length)
    if kind == "manager":
        with Manager() as manager:
            run(manager.Queue(capacity), item)
    else:
        run(Queue(capacity), item)
