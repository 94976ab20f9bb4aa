"""Puts texts into a queue by unary calls: python3 put.py ADDRESS QUEUE TEXT…"""

import sys, uuid
import grpc
from commonhold.v1 import errors_pb2, payload_pb2, queue_pb2
from session import OPTIONS, error_of

address, name, *texts = sys.argv[1:]
put = grpc.insecure_channel(address, OPTIONS).unary_unary(
    "/commonhold.v1.QueueService/Put",
    queue_pb2.QueueServicePutRequest.SerializeToString,
    queue_pb2.QueueServicePutResponse.FromString,
)


def put_once(text):
    """Puts a text once, however often the connection breaks: the manager executes a request id once."""
    request = queue_pb2.QueueServicePutRequest(name=name, value=payload_pb2.Payload(text=text), timeout_ms=5000)
    metadata = [("commonhold-request-id", str(uuid.uuid4()))]
    for attempt in range(5):
        try:
            return put(request, metadata=metadata, timeout=10)  # a deadline beyond the timeout in the request
        except grpc.RpcError as failure:
            if failure.code() != grpc.StatusCode.UNAVAILABLE or attempt == 4:
                raise


try:
    for text in texts:
        put_once(text)
except grpc.RpcError as failure:
    error = error_of(failure)
    if error is None:
        raise
    sys.exit(f"{errors_pb2.ErrorCode.Name(error.code)}: {error.message}")
