"""The worker's half of bench/rounds.ts, for Python peers."""

import json
import sys


def serve(measure):
    """Answers each line read by the (operations, seconds) of one round, until the input ends."""
    say({"ready": True})
    for line in sys.stdin:
        try:
            operations, seconds = measure(json.loads(line))
            say({"operations": operations, "seconds": seconds})
        except Exception as error:
            say({"error": repr(error)})


def say(what):
    print(json.dumps(what), flush=True)
