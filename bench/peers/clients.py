"""Processes that work for the same span of time, on objects that they inherit: their rates add up."""

from multiprocessing import Pipe, Process


class Clients:
    def __init__(self, count, work, *objects):
        """Starts so many processes; work(*objects, seconds) answers its operations and its seconds."""
        # The manager frees objects without a proxy in this process, even if the started processes are about to use them.
        self.objects = objects
        self.commands = [_start(work, objects) for _ in range(count)]

    def measure(self, seconds):
        for commands in self.commands:
            commands.send(seconds)
        answers = [commands.recv() for commands in self.commands]
        operations = sum(operations for operations, _ in answers)
        return operations, operations / sum(operations / took for operations, took in answers)


def _start(work, objects):
    ours, theirs = Pipe()
    Process(target=_client, args=(work, objects, theirs), daemon=True).start()
    return ours


def _client(work, objects, commands):
    while True:
        commands.send(work(*objects, commands.recv()))
