import { InvalidArgumentError, PayloadTooLargeError } from '../errors.js';
import type { Payload } from '../wire/values.js';
import { Writer } from '../wire/writer.js';
import { isBytes, isOverShared } from './binary.js';
import { TAG, readFields, readerOf, type Fields } from './fields.js';
import { freezeDeep } from './freeze.js';
import { readJson } from './json-value.js';
import { AnyMessage, OpaqueReference, type OpaqueRegExp } from './opaque.js';
import { pack, unpack, type Packed } from './packed.js';
import { isReferable, readReference, referenceOf, writeReference, type Reference } from './reference.js';
import { guarded, malformed } from './refuse.js';
import { decodeScalar, encodeBytes, encodeFlag, encodeInteger, encodeNumber, encodeText, isInt64 } from './scalar.js';
import type { Revive } from './resolve.js';
import type { NameReference } from './analysis.js';

/** Options of {@link decodePayload}. */
export interface DecodeOptions {
  /** Makes a proxy of a reference; without it, the {@link Reference} itself is the value. */
  open?: ((reference: Reference) => unknown) | undefined;
  /** Freezes plain objects and arrays at every depth, so that a change, which would be lost, throws. */
  freeze?: boolean | undefined;
}

/**
 * Encodes a value as a `commonhold.v1.Payload`.
 * @throws InvalidArgumentError if a part of the value cannot travel, with its place in the value
 */
export function encodePayload(value: unknown): Uint8Array {
  switch (typeof value) {
    case 'string': {
      const encoded = encodeText(value);
      if (encoded !== undefined) return encoded;
      break;
    }
    case 'number':
      return encodeNumber(value);
    case 'boolean':
      return encodeFlag(TAG.BOOLEAN, value ? 1 : 0);
    case 'bigint':
      if (isInt64(value)) return encodeInteger(value);
      break;
    case 'undefined':
      throw new InvalidArgumentError('undefined cannot be stored: use null, or delete the entry');
    case 'object':
    case 'function':
      if (value === null) return encodeFlag(TAG.NULL, 0);
      if (isReferable(value)) return encodeReference(referenceOf(value));
      if (isBytes(value) && !isOverShared(value)) return encodeBytes(TAG.BINARY, value);
      if (value instanceof AnyMessage) return encodeMessage(value);
      break;
    case 'symbol':
      break;
  }
  return encodePacked(value, encodePayload);
}

/**
 * As {@link encodePayload}, for a value that is or contains objects that stand for shared objects but cannot travel by themselves: `name`
 * returns the reference for each.
 */
export function encodeNaming(value: unknown, name: NameReference): Uint8Array {
  if (typeof value !== 'object' || value === null) return encodePayload(value);
  const named = name(value);
  if (named !== undefined) return encodeReference(named);
  const whole = isReferable(value) || isBytes(value) || value instanceof AnyMessage;
  return whole ? encodePayload(value) : encodePacked(value, encodeNaming, name);
}

/** For rare cases. Its output is copied, so that the next one reuses the same memory. */
const writer = new Writer();

function takeCopy(): Buffer {
  const copy = Buffer.from(writer.buffer.subarray(writer.position - writer.size, writer.position));
  writer.rewind(0);
  return copy;
}

function encodeReference(reference: Reference): Buffer {
  writeReference(writer, TAG.REFERENCE, reference);
  return takeCopy();
}

const ANY = { TYPE_URL: 10, VALUE: 18 } as const;

function encodeMessage(message: AnyMessage): Buffer {
  if (isOverShared(message.value)) {
    throw new InvalidArgumentError('cannot store a message whose bytes lie in a SharedArrayBuffer: copy them, Uint8Array.from(value)');
  }
  const at = writer.open(TAG.MESSAGE);
  if (message.typeUrl !== '') writer.string(ANY.TYPE_URL, message.typeUrl);
  if (message.value.length > 0) writer.bytes(ANY.VALUE, message.value);
  writer.close(at);
  return takeCopy();
}

function encodePacked(value: unknown, above: typeof encodePayload | typeof encodeNaming, name?: NameReference): Buffer {
  const { bytes, references } = packed(value, above, name);
  if (references.length === 0) return encodeBytes(TAG.PACKED, bytes);
  for (const reference of references) writeReference(writer, TAG.REFERENCES, reference);
  const behind = takeCopy();
  const buffer = encodeBytes(TAG.PACKED, bytes, behind.length);
  behind.copy(buffer, buffer.length - behind.length);
  return buffer;
}

/** Packs a value. An error has the stack of the function `above`, since the walk through a deep value would leave no room for the caller. */
function packed(value: unknown, above: typeof encodePayload | typeof encodeNaming, name?: NameReference): Packed {
  try {
    return pack(value, name);
  } catch (error) {
    if (error instanceof InvalidArgumentError) Error.captureStackTrace(error, above);
    throw error;
  }
}

/**
 * Decodes a `commonhold.v1.Payload` from any source. The value shares no memory with the payload.
 * @throws InvalidArgumentError for bytes that are not a payload
 */
export function decodePayload(payload: Payload, options: DecodeOptions = {}): unknown {
  const { open } = options;
  const reference = (named: Reference) => (open === undefined ? named : open(named));
  const scalar = decodeScalar(payload);
  if (scalar !== undefined) return scalar;
  const value = guarded(() => decodeFields(readFields(payload), { reference, regexp }).value);
  if (options.freeze === true) freezeDeep(value);
  return value;
}

/** Limit of the bytes of structured data that the manager looks into. Decoding, changing and encoding take about 0.1 s for each MiB. */
const MOST_OPENED_BYTES = 4 * 1024 * 1024;

/** Limit of the numbers in Maps and Sets there: a client could choose numbers of one hash, whose time grows with their square. */
const MOST_NUMERIC_MEMBERS = 8_192;

/** A decoded value with unopened references. */
export interface Opaque {
  readonly value: unknown;
  /** True if objects occur more than once in it, perhaps in cycles. */
  readonly graph: boolean;
}

/**
 * Decodes a payload for inspection, as in the manager: references become {@link OpaqueReference}, regular expressions {@link
 * OpaqueRegExp}. Runs no code of users. `encodePayload` turns the value, or a part of it, into a payload again.
 * @param most limit of the bytes of packed data and of JSON; scalars, texts and bytes have none
 * @throws PayloadTooLargeError
 */
export function decodeOpaque(payload: Payload, most = MOST_OPENED_BYTES): Opaque {
  const scalar = decodeScalar(payload);
  if (scalar !== undefined) return { value: scalar, graph: false };
  return guarded(() => {
    const fields = readFields(payload);
    if ((fields.tag === TAG.PACKED || fields.tag === TAG.JSON) && fields.value.length > most)
      throw tooLargeToOpen(fields.value.length, most);
    return decodeFields(fields, {
      reference: (named) => new OpaqueReference(named),
      regexp: (opaque) => opaque,
      checkMembers: (numeric) => {
        if (numeric > MOST_NUMERIC_MEMBERS && most !== Infinity) throw tooManyNumbers(numeric);
      },
    });
  });
}

function tooManyNumbers(numeric: number): PayloadTooLargeError {
  return new PayloadTooLargeError(
    `the manager looks into values with at most ${MOST_NUMERIC_MEMBERS} numbers in Maps and Sets, and this one has ${numeric}: ` +
      'store them in a dict or set of the manager, or work on the whole value in the program',
  );
}

function tooLargeToOpen(bytes: number, most: number): PayloadTooLargeError {
  return new PayloadTooLargeError(
    `the manager looks into values of at most ${most} bytes, since it serves no other client meanwhile, and this one has ${bytes}: ` +
      'store it in parts, or work on the whole value in the program',
  );
}

interface Reviver {
  reference(reference: Reference): unknown;
  regexp(opaque: OpaqueRegExp): unknown;
  checkMembers?(numeric: number): void;
}

function decodeFields(fields: Fields, reviver: Reviver): Opaque {
  switch (fields.tag) {
    case TAG.NULL:
      return { value: null, graph: false };
    case TAG.BOOLEAN:
    case TAG.NUMBER:
    case TAG.INTEGER:
    case TAG.TEXT:
      return { value: fields.value, graph: false };
    case TAG.BINARY:
      return { value: new Uint8Array(fields.value), graph: false };
    case TAG.JSON:
      return { value: readJson(readerOf(fields.value), fields.value.length), graph: false };
    case TAG.REFERENCE:
      return { value: reviver.reference(readReference(readerOf(fields.value), fields.value.length)), graph: false };
    case TAG.MESSAGE:
      return { value: readMessage(fields.value), graph: false };
    case TAG.PACKED: {
      const { references } = fields;
      const revive: Revive = {
        reference: (place) => {
          const reference = references[place];
          if (reference === undefined) throw malformed(`a reference ${place} that its list does not have`);
          return reviver.reference(reference);
        },
        regexp: (opaque) => reviver.regexp(opaque),
        checkMembers: (numeric) => reviver.checkMembers?.(numeric),
      };
      return unpack(fields.value, revive);
    }
  }
}

function readMessage(bytes: Uint8Array): AnyMessage {
  const reader = readerOf(bytes);
  let typeUrl = '';
  let value = new Uint8Array(0);
  while (reader.position < bytes.length) {
    const tag = reader.tag();
    if (tag === ANY.TYPE_URL) typeUrl = reader.string();
    else if (tag === ANY.VALUE) value = new Uint8Array(reader.bytes());
    else reader.skip(tag);
  }
  reader.finish(bytes.length);
  return new AnyMessage(typeUrl, value);
}

function regexp({ source, flags }: OpaqueRegExp): RegExp {
  try {
    return new RegExp(source, flags);
  } catch (error) {
    throw malformed((error as Error).message, error);
  }
}
