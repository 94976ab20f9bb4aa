import { isJson } from '../../proto/codec/json.js';
import { decodeOpaque, encodePayload } from '../../proto/codec/payload.js';
import { InvalidArgumentError } from '../../proto/errors.js';
import type { Payload } from '../../proto/wire/values.js';

/** A value as the manager has it, and decoded. */
export interface StoredValue {
  readonly payload: Payload;
  readonly value: unknown;
}

/** Decodes a payload, of which the console opens no references and runs no classes. A payload that cannot be decoded is shown as the reason. */
export function stored(payload: Payload): StoredValue {
  // Its bytes are a view of the whole answer.
  const own = typeof payload === 'string' ? payload : Buffer.from(payload);
  try {
    return { payload: own, value: decodeOpaque(own, Infinity).value };
  } catch (error) {
    return { payload: own, value: error };
  }
}

/** The text in which a value is edited, JSON; undefined if JSON would lose something of it. */
export function editableText(value: unknown): string | undefined {
  return isJson(value, (number) => Number.isFinite(number) && !Object.is(number, -0)) ? JSON.stringify(value, null, 2) : undefined;
}

/** Returns the payload of an edited text. @throws InvalidArgumentError if it is no JSON */
export function payloadOf(text: string): Uint8Array {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new InvalidArgumentError(`this is no JSON (${(cause as Error).message}): put texts in double quotes`, { cause });
  }
  return encodePayload(value);
}
