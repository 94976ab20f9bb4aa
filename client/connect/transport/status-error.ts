import type { IncomingHttpHeaders } from 'node:http2';
import {
  fromWire,
  ManagerUnavailableError,
  PayloadTooLargeError,
  ProtocolError,
  SessionExpiredError,
  UnauthenticatedError,
  UnimplementedError,
  type ManagerError,
} from '../../../proto/errors.js';
import { Error as WireError } from '../../../proto/gen/commonhold/v1/errors_wire.js';
import { decodeMessage, Status } from '../../../proto/status.js';
import { Reader } from '../../../proto/wire/reader.js';
import { MalformedError } from '../../../proto/wire/values.js';

/** Converts the gRPC status that ended a stream to an error: to the one in its details, if a manager wrote them. */
export function statusError(headers: IncomingHttpHeaders): ManagerError {
  return typedError(headers['grpc-status-details-bin']) ?? untypedError(headers);
}

/** @param details a google.rpc.Status with an error of the contract, in Base64 */
function typedError(details: string | string[] | undefined): ManagerError | undefined {
  if (typeof details !== 'string') return undefined;
  const bytes = Buffer.from(details, 'base64');
  try {
    const error = readError(new Reader(bytes), bytes.length);
    return error && fromWire(error);
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    return undefined;
  }
}

function readError(reader: Reader, end: number): WireError | undefined {
  let error: WireError | undefined;
  while (reader.position < end) {
    const tag = reader.tag();
    if (tag === 26) error = readAny(reader, reader.limit());
    else reader.skip(tag);
  }
  return error;
}

function readAny(reader: Reader, end: number): WireError | undefined {
  let type = '';
  let error: WireError | undefined;
  while (reader.position < end) {
    const tag = reader.tag();
    if (tag === 10) type = reader.string();
    else if (tag === 18 && type.endsWith(`/${WireError.typeName}`)) error = WireError.read(reader, reader.limit());
    else reader.skip(tag);
  }
  return error;
}

function untypedError(headers: IncomingHttpHeaders): ManagerError {
  const code = Number(headers['grpc-status']);
  const message = decodeMessage(headers['grpc-message']);
  if (code === Status.UNAUTHENTICATED) return new UnauthenticatedError(message);
  if (code === Status.UNIMPLEMENTED) return new UnimplementedError(`this server has no sessions: ${message}`);
  if (code === Status.ABORTED) return new SessionExpiredError(message);
  if (code === Status.RESOURCE_EXHAUSTED) return new PayloadTooLargeError(message);
  if (code === Status.OK || code === Status.CANCELLED || code === Status.UNAVAILABLE)
    return new ManagerUnavailableError(message || 'the manager ended the session');
  return new ProtocolError(`the manager ended the session (status ${code}): ${message}`);
}

/** Returns the error for bytes of the manager that a client cannot read. @param what they are, such as "a frame" */
export function unreadable(what: string, cause: unknown): ProtocolError {
  return new ProtocolError(`the manager sent ${what} that cannot be read: ${(cause as Error).message}`, { cause });
}
