"""A session of a manager: calls of all services over one stream, which goes on after a lost connection.

The rules are in proto/commonhold/v1/session.proto. Needs grpcio, and messages made by protoc.
"""

import collections, concurrent.futures, itertools, os, queue, socket, threading, time
import grpc
from commonhold.v1 import errors_pb2, session_pb2
from google.rpc import status_pb2

OPTIONS = [("grpc.max_receive_message_length", -1)]  # answers above 4 MiB


class ManagerError(Exception):
    """An error of the manager. Branch on `error.code`, an ErrorCode of errors.proto."""

    def __init__(self, error):
        super().__init__(error.message)
        self.error = error


def error_of(failure):
    """Returns the manager's error from the details of a failed rpc, or None if the transport failed."""
    status = dict(failure.trailing_metadata() or ()).get("grpc-status-details-bin", b"")
    error = errors_pb2.Error()
    return error if any(detail.Unpack(error) for detail in status_pb2.Status.FromString(status).details) else None


class Session:
    def __init__(self, address, lease_ms=10_000):
        self._address = address
        self._hello = session_pb2.Hello(protocol=1, host=socket.gethostname(), pid=os.getpid(), lease_ms=lease_ms)
        self._lock, self._ready, self._failure = threading.Lock(), threading.Event(), None
        self._ids, self._answers = itertools.count(1), {}
        # Our frames that the manager may not have, how many it has, and how many of its frames have arrived.
        self._kept, self._arrived, self._received = collections.deque(), 0, 0
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def call(self, module, name, /, **fields):
        """Calls a method, as `call(queue_pb2, "QueueServiceSize", name="jobs")`, and returns its response."""
        self._ready.wait()
        request, answer = getattr(module, name + "Request")(**fields), concurrent.futures.Future()
        with self._lock:
            if self._failure:
                raise self._failure
            id = next(self._ids)
            self._answers[id] = answer
            self._send(calls=[session_pb2.Call(id=id, method=self._methods[name], request=request.SerializeToString())])
        return getattr(module, name + "Response").FromString(answer.result())

    def close(self):
        """Leaves: the manager releases all that the session holds."""
        with self._lock:
            self._send(goodbye=True)
        self._thread.join()

    def _send(self, **parts):
        frame = session_pb2.ConnectRequest(received=self._received, **parts)
        self._kept.append(frame)
        self._outbox.put(frame)

    def _run(self):
        cut_at = None
        while True:
            outbox = queue.SimpleQueue()
            outbox.put(session_pb2.ConnectRequest(hello=self._hello))
            try:
                # A channel for each connection, because one channel waits longer and longer between its connections.
                with grpc.insecure_channel(self._address, OPTIONS) as channel:
                    for frame in self._connect(channel, iter(outbox.get, None)):
                        with self._lock:
                            self._welcomed(frame, outbox) if frame.HasField("welcome") else self._read(frame)
                        cut_at = None
                return self._end(ManagerError(errors_pb2.Error(message="the session is closed")))
            except grpc.RpcError as failure:
                cut_at = cut_at or time.monotonic()
                if failure.code() != grpc.StatusCode.UNAVAILABLE or time.monotonic() > cut_at + self._hello.lease_ms / 1000:
                    error = error_of(failure)
                    return self._end(ManagerError(error) if error else failure)
            finally:
                outbox.put(None)  # ends the iterator
            time.sleep(0.05)

    def _connect(self, channel, frames):
        request, response = session_pb2.ConnectRequest, session_pb2.ConnectResponse
        connect = channel.stream_stream("/commonhold.v1.SessionService/Connect", request.SerializeToString, response.FromString)
        return connect(frames)

    def _welcomed(self, frame, outbox):
        """Begins the session, or goes on with it: then the manager says which frames it has, and gets the others again."""
        welcome = frame.welcome
        self._methods = {method.removeprefix("commonhold.v1.").replace("/", ""): index for index, method in enumerate(welcome.methods)}
        self._hello.resume.session_id, self._hello.resume.secret = welcome.session_id, welcome.secret
        self._forget(welcome.resumed)
        for kept in self._kept:
            outbox.put(kept)
        self._outbox = outbox
        self._ready.set()

    def _read(self, frame):
        self._received += 1
        self._hello.resume.received = self._received
        self._forget(frame.received)
        for answer in frame.answers:
            if answer.HasField("error"):
                self._answers.pop(answer.id).set_exception(ManagerError(answer.error))
            else:
                self._answers.pop(answer.id).set_result(answer.response)
        if frame.answers:  # what they hand over has arrived
            self._send(taken=[session_pb2.Taken(id=answer.id) for answer in frame.answers])

    def _forget(self, arrived):
        while self._arrived < arrived:
            self._kept.popleft()
            self._arrived += 1

    def _end(self, failure):
        with self._lock:
            self._failure = failure
            for answer in self._answers.values():
                answer.set_exception(failure)
        self._ready.set()
