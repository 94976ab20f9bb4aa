"""Works on the queue `texts` until it is shut down, as the only worker that may: python3 worker.py ADDRESS"""

import sys
from commonhold.v1 import errors_pb2, list_pb2, lock_pb2, payload_pb2, queue_pb2
from session import ManagerError, Session

session = Session(sys.argv[1])

# Held until it is released, or the session ends.
held = session.call(lock_pb2, "LockServiceAcquire", name="writer", timeout_ms=10_000)
fence = lock_pb2.Fence(name="writer", token=held.token)

while True:
    try:
        [item] = session.call(queue_pb2, "QueueServiceDeliver", name="texts").items
    except ManagerError as failure:
        if failure.error.code != errors_pb2.ERROR_CODE_QUEUE_SHUT_DOWN:
            raise
        break
    text = payload_pb2.Payload(text=item.value.text.upper())
    # Refused if another worker holds the lock by now, because this one was thought dead.
    session.call(list_pb2, "ListServicePush", name="results", values=[text], fence=fence)
    session.call(queue_pb2, "QueueServiceAck", name="texts", token=item.token)
    print(text.text, flush=True)

session.call(lock_pb2, "LockServiceRelease", name="writer", token=held.token)
session.close()
