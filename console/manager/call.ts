import { ManagerUnavailableError, UnauthenticatedError, fromWire, type ManagerError } from '../../proto/errors.js';
import { Error as WireError } from '../../proto/gen/commonhold/v1/errors_wire.js';
import type { Method } from '../../proto/wire/codec.js';
import { decodeMessage, encodeMessage } from '../../proto/wire/message.js';
import { Writer } from '../../proto/wire/writer.js';
import { refused, token } from './token.js';

const writer = new Writer();

/** Calls a method of the contract. @throws ManagerError, as the SDK does */
export async function call<I, O>(method: Method<I, O>, request: I, abort?: AbortSignal): Promise<O> {
  const body = encodeMessage(writer, method.input, request) as Uint8Array<ArrayBuffer>;
  const headers: Record<string, string> = { 'content-type': 'application/proto', 'commonhold-payloads': 'packed' };
  if (token.value !== '') headers['authorization'] = `Bearer ${token.value}`;
  let response: Response;
  let answer: ArrayBuffer;
  try {
    response = await fetch(`/${method.name}`, { method: 'POST', headers, body, signal: abort ?? null });
    answer = await response.arrayBuffer();
  } catch (cause) {
    abort?.throwIfAborted();
    throw new ManagerUnavailableError('the manager does not answer: it was stopped, or cannot be reached from here', { cause });
  }
  if (!response.ok) throw failureOf(method, response.status, new TextDecoder().decode(answer));
  return decodeMessage(method.output, new Uint8Array(answer));
}

/** An error of the Connect protocol. */
interface ConnectError {
  readonly details: readonly { readonly value: string }[];
}

function failureOf(method: Method, status: number, body: string): ManagerError {
  let wire: WireError;
  try {
    const { details } = JSON.parse(body) as ConnectError;
    wire = decodeMessage(WireError, Buffer.from(details[0]!.value, 'base64'));
  } catch (cause) {
    return new ManagerUnavailableError(`${method.name} failed with the status ${status}: ${body.trim()}`, { cause });
  }
  const error = fromWire(wire);
  if (error instanceof UnauthenticatedError) refused.value = error.message;
  return error;
}

/** The message of an error, whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
