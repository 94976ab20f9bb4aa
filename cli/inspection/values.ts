import { inspect } from 'node:util';
import { toJsonPayload } from '../../proto/codec/json.js';
import { decodePayload, encodePayload } from '../../proto/codec/payload.js';
import { InvalidArgumentError } from '../../proto/errors.js';
import { visible } from './text.js';

/** Reads a value of a command line: JSON, or else the text itself. @param isText true for the text in any case */
export function parseValue(text: string, isText = false): unknown {
  if (isText) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/**
 * Reads a key of a command line: a text, or JSON. @param isJson true for a number, a boolean, or a text in quotes
 * @throws InvalidArgumentError if it is no JSON
 */
export function parseKey(text: string, isJson = false): string | number | boolean {
  if (!isJson) return text;
  try {
    return JSON.parse(text) as string | number | boolean;
  } catch (cause) {
    throw new InvalidArgumentError(`the key ${text} is no JSON: give a number, true, false, or a text in quotes`, { cause });
  }
}

/** A value as JSON, in the form in which clients without MessagePack get it. */
export function jsonOf(value: unknown): unknown {
  return value === undefined ? null : decodePayload(toJsonPayload(encodePayload(value)));
}

/** A value for people, in one line. Control characters are escaped, which could change the terminal. */
export function shown(value: unknown): string {
  return typeof value === 'string' ? visible(value) : inspect(value, { breakLength: Infinity, depth: 8, maxStringLength: 1_000 });
}
