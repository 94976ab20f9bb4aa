import { inspect } from 'node:util';
import { toJsonPayload } from '../../proto/codec/json.js';
import { decodePayload, encodePayload } from '../../proto/codec/payload.js';
import { InvalidArgumentError } from '../../proto/errors.js';

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

/** A text without control characters. */
export function visible(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const;

/** A time for people: its largest unit, with one digit behind the point below ten. */
export function duration(ms: number | undefined): string {
  if (ms === undefined) return '';
  const [unit, length] = UNITS.find(([, length]) => ms >= length) ?? ['ms', 1];
  const count = ms / length;
  return `${unit === 'ms' || count >= 10 ? Math.round(count) : count.toFixed(1)}${unit}`;
}

/** A number of bytes for people. */
export function size(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(4, Math.floor(Math.log2(bytes) / 10));
  return power === 0 ? String(bytes) : `${(bytes / 1024 ** power).toFixed(1)}${['', 'k', 'M', 'G', 'T'][power]}`;
}
