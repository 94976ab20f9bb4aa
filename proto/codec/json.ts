import type { Payload } from '../wire/values.js';
import { Writer } from '../wire/writer.js';
import { binaryClass, bytesOf, isBytes } from './binary.js';
import { errorParts } from './failure.js';
import { TAG } from './fields.js';
import { JSON_TAG } from './json-value.js';
import { kindOf } from './kinds.js';
import { decodeOpaque } from './payload.js';
import { referenceOf, type Referable } from './reference.js';
import { MAX_DEPTH } from './refuse.js';
import { byteAt } from './scalar.js';

/** Limit of the bytes that are written again because an object occurs more than once. The object that reaches it is written to its end. */
const MAX_REPEATED_BYTES = 2 * 1024 * 1024;

/**
 * Converts a `packed` payload to `json`, for a reader without the SDK, as far as JSON can express it. Never throws for a valid payload.
 * Returns payloads of other cases unchanged.
 */
export function toJsonPayload(payload: Payload): Payload {
  const tag = typeof payload === 'string' ? payload.charCodeAt(0) : payload[0];
  // Scalars and JSON begin with their own field, so they need no decoding.
  if (tag !== TAG.PACKED && tag !== TAG.REFERENCES) return payload;
  const { value } = decodeOpaque(payload);
  const writer = new Writer();
  new JsonWriter(writer).value(TAG.JSON, value, 0);
  return Buffer.from(writer.take());
}

/** Returns true if a payload is stored as `json`. */
export function isJsonPayload(payload: Payload): boolean {
  return payload.length > 0 && byteAt(payload, 0) === TAG.JSON;
}

/** Encodes a value as `json` if JSON can express all of it; otherwise returns undefined. */
export function encodeJson(value: unknown): Payload | undefined {
  if (!isJson(value, Number.isFinite)) return undefined;
  const writer = new Writer();
  new JsonWriter(writer).value(TAG.JSON, value, 0);
  return Buffer.from(writer.take());
}

/**
 * Returns true if a value survives JSON unchanged. A value in which an object occurs twice does not.
 * @param hasNumber returns true for a number that survives
 */
export function isJson(value: unknown, hasNumber: (value: number) => boolean, seen = new Set<object>(), depth = 0): boolean {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return true;
  if (typeof value === 'number') return hasNumber(value);
  if (typeof value !== 'object' || depth >= MAX_DEPTH || seen.has(value)) return false;
  seen.add(value);
  const kind = kindOf(value);
  if (kind !== 'object' && kind !== 'array') return false;
  // The iteration yields the holes of an array too, as undefined.
  for (const item of kind === 'array' ? (value as unknown[]) : Object.values(value))
    if (!isJson(item, hasNumber, seen, depth + 1)) return false;
  return true;
}

class JsonWriter {
  readonly #writer: Writer;
  /** Objects that are being written: a second occurrence is a cycle. */
  readonly #open = new Set<object>();
  readonly #seen = new Set<object>();
  /** Bytes that were written again, up to the outermost object under way that occurred before. */
  #repeatedBytes = 0;
  /** Size of the output at the beginning of that object; undefined if there is none. */
  #repeatsFrom: number | undefined;

  constructor(writer: Writer) {
    this.#writer = writer;
  }

  /** Writes a value as the `google.protobuf.Value` of a field. */
  value(tag: number, value: unknown, depth: number): void {
    const at = this.#writer.open(tag);
    this.#content(value, depth);
    this.#writer.close(at);
  }

  #content(value: unknown, depth: number): void {
    const writer = this.#writer;
    if (value === null || value === undefined) writer.uint32(JSON_TAG.NULL, 0);
    else if (typeof value === 'boolean') writer.bool(JSON_TAG.BOOL, value);
    else if (typeof value === 'string') writer.string(JSON_TAG.STRING, value);
    else if (typeof value === 'number' && Number.isFinite(value)) writer.double(JSON_TAG.NUMBER, value);
    else if (typeof value === 'object') this.#object(value, depth);
    else writer.string(JSON_TAG.STRING, `${value as number | bigint}`);
  }

  #object(value: object, depth: number): void {
    const occurredBefore = this.#seen.has(value);
    const tooMuch = occurredBefore && this.#repeated > MAX_REPEATED_BYTES;
    const mark = this.#open.has(value) ? '[cycle]' : depth >= MAX_DEPTH ? '[too deep]' : tooMuch ? '[again]' : undefined;
    if (mark !== undefined) return this.#writer.string(JSON_TAG.STRING, mark);
    this.#seen.add(value);
    this.#open.add(value);
    if (occurredBefore && this.#repeatsFrom === undefined) this.#writeAgain(value, depth);
    else this.#opened(value, depth);
    this.#open.delete(value);
  }

  get #repeated(): number {
    return this.#repeatedBytes + (this.#repeatsFrom === undefined ? 0 : this.#writer.size - this.#repeatsFrom);
  }

  #writeAgain(value: object, depth: number): void {
    this.#repeatsFrom = this.#writer.size;
    this.#opened(value, depth);
    this.#repeatedBytes = this.#repeated;
    this.#repeatsFrom = undefined;
  }

  #opened(value: object, depth: number): void {
    const kind = kindOf(value);
    switch (kind) {
      case 'array':
        return this.#list(value as unknown[], depth);
      case 'set':
        return this.#list(value as Set<unknown>, depth);
      case 'map':
        return this.#map(value as Map<unknown, unknown>, depth);
      case 'date':
        return this.#content(isoText(value as Date), depth);
      case 'regexp':
        return this.#content((value as RegExp).toString(), depth);
      case 'error': {
        const { message, stack, cause } = errorParts(value as Error);
        return this.#struct(Object.entries({ name: String((value as Error).name), message, stack, cause }), depth);
      }
      case 'buffer':
      case 'view':
        return this.#binary(value as ArrayBufferView | ArrayBuffer, depth);
      case 'reference': {
        const { kind, name, end } = referenceOf(value as Referable);
        return this.#struct(Object.entries({ kind, name, ...(end === undefined ? {} : { end }) }), depth);
      }
      default:
        return this.#struct(Object.entries(value), depth);
    }
  }

  #map(map: Map<unknown, unknown>, depth: number): void {
    const entries = [...map];
    const areTexts = entries.every((entry): entry is [string, unknown] => typeof entry[0] === 'string');
    if (areTexts) this.#struct(entries, depth);
    else this.#list(entries, depth);
  }

  #list(items: Iterable<unknown>, depth: number): void {
    const at = this.#writer.open(JSON_TAG.LIST);
    for (const item of items) this.value(JSON_TAG.ITEM, item, depth + 1);
    this.#writer.close(at);
  }

  #struct(entries: Iterable<[string, unknown]>, depth: number): void {
    const at = this.#writer.open(JSON_TAG.STRUCT);
    for (const [key, value] of entries) {
      if (value === undefined) continue;
      const entry = this.#writer.open(JSON_TAG.ITEM);
      this.#writer.string(JSON_TAG.KEY, key);
      this.value(JSON_TAG.VALUE, value, depth + 1);
      this.#writer.close(entry);
    }
    this.#writer.close(at);
  }

  /** Writes bytes as base64, as protobuf's JSON does, and the elements of a typed array as numbers. */
  #binary(value: ArrayBufferView | ArrayBuffer, depth: number): void {
    const name = binaryClass(value);
    if (isBytes(value) || name === 'ArrayBuffer' || name === 'DataView') {
      const bytes = bytesOf(value);
      return this.#content(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64'), depth);
    }
    this.#list(value as unknown as Iterable<unknown>, depth);
  }
}

/** Returns the ISO text of a date; an invalid date has none. */
function isoText(date: Date): string {
  return Number.isNaN(date.getTime()) ? 'Invalid Date' : date.toISOString();
}
