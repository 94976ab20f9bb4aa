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
  const headers = { 'content-type': 'application/proto', 'commonhold-payloads': 'packed' };
  const { ok, status, bytes } = await ask(`/${method.name}`, { method: 'POST', headers, body, signal: abort ?? null });
  if (!ok) throw failureOf(method, status, new TextDecoder().decode(bytes));
  return decodeMessage(method.output, bytes);
}

/** Returns the metrics of the manager in the text form of Prometheus. */
export async function metricsText(abort: AbortSignal): Promise<string> {
  const { ok, bytes } = await ask('/metrics', { signal: abort });
  const text = new TextDecoder().decode(bytes);
  if (!ok) throw new ManagerUnavailableError(`the manager gives no metrics: ${text.trim()}`);
  return text;
}

interface HttpAnswer {
  readonly ok: boolean;
  readonly status: number;
  readonly bytes: Uint8Array;
}

/** Makes a request with the token of this tab. */
async function ask(path: string, request: RequestInit): Promise<HttpAnswer> {
  const headers = new Headers(request.headers);
  if (token.value !== '') headers.set('authorization', `Bearer ${token.value}`);
  try {
    const response = await fetch(path, { ...request, headers });
    return { ok: response.ok, status: response.status, bytes: new Uint8Array(await response.arrayBuffer()) };
  } catch (cause) {
    request.signal?.throwIfAborted();
    throw new ManagerUnavailableError('the manager does not answer: it was stopped, or cannot be reached from here', { cause });
  }
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
