import { statusOf, toWire, type ManagerError, type Thrown } from '../proto/errors.js';
import { Error as WireError } from '../proto/gen/commonhold/v1/errors_wire.js';
import { toWellFormed } from '../proto/text.js';
import { Writer } from '../proto/wire/writer.js';

/** The end of a gRPC call that failed. */
export interface CallStatus {
  readonly code: number;
  readonly message: string;
  /** The typed error in a google.rpc.Status, for the trailer `grpc-status-details-bin`. */
  readonly details: Buffer;
}

/**
 * Maximum lengths in a status, in characters. The status travels in the trailers, for which some libraries accept 8 KiB in all; some reject
 * larger trailers and never end the call.
 */
const LONGEST = { message: 500, stack: 1500, cause: 200 } as const;

/** @param method full name of the method that failed */
export function callStatus(error: ManagerError, method: string): CallStatus {
  const wire = toWire(error);
  const message = cut(wire.message, LONGEST.message);
  const code = statusOf(error);
  return { code, message, details: details(code, { ...wire, message, method, thrown: wire.thrown && abridged(wire.thrown) }) };
}

function details(status: number, error: WireError): Buffer {
  const w = new Writer();
  w.uint32(8, status);
  w.string(18, error.message);
  const any = w.open(26);
  w.string(10, `type.googleapis.com/${WireError.typeName}`);
  const value = w.open(18);
  WireError.write(w, error);
  w.close(value);
  w.close(any);
  return w.take();
}

/** Shortens a thrown error to its nearest cause and the first lines of its stack. */
function abridged({ className, message, code, stack, cause }: Thrown): Thrown {
  return {
    className: cut(className, LONGEST.cause),
    message: cut(message, LONGEST.message),
    code: typeof code === 'string' ? cut(code, LONGEST.cause) : code,
    stack: cut(stack, LONGEST.stack),
    cause: cause && { className: cut(cause.className, LONGEST.cause), message: cut(cause.message, LONGEST.cause), stack: '' },
  };
}

/** Shortens a text. Replaces half of a surrogate pair, which grpc-js cannot encode: the cut or the text itself may leave one. */
function cut(text: string, longest: number): string {
  return toWellFormed(text.length > longest ? `${text.slice(0, longest)}…` : text);
}
