import type { Payload } from '../wire/values.js';
import { Reader } from '../wire/reader.js';
import { readReference, type Reference } from './reference.js';
import { malformed } from './refuse.js';

/** Tags of the cases of `commonhold.v1.Payload`: field number and wire type. */
export const TAG = {
  NULL: 0x08,
  BOOLEAN: 0x10,
  NUMBER: 0x19,
  INTEGER: 0x20,
  TEXT: 0x2a,
  BINARY: 0x32,
  JSON: 0x3a,
  PACKED: 0x42,
  REFERENCE: 0x4a,
  MESSAGE: 0x52,
  REFERENCES: 0x7a,
} as const;

/** Cases that are messages: protobuf merges several fields of one case. */
const MERGED: ReadonlySet<number> = new Set([TAG.JSON, TAG.REFERENCE, TAG.MESSAGE]);

/** The case of a payload and its content. */
export type Fields =
  | { tag: typeof TAG.NULL }
  | { tag: typeof TAG.BOOLEAN; value: boolean }
  | { tag: typeof TAG.NUMBER; value: number }
  | { tag: typeof TAG.INTEGER; value: bigint }
  | { tag: typeof TAG.TEXT; value: string }
  | { tag: typeof TAG.BINARY | typeof TAG.JSON | typeof TAG.REFERENCE | typeof TAG.MESSAGE; value: Uint8Array }
  | { tag: typeof TAG.PACKED; value: Uint8Array; references: Reference[] };

const shared = new Reader();

/**
 * Returns the one reader of the codec, set to these bytes: creating a reader costs more than reading a scalar. The caller must finish with
 * it before any other code asks for it.
 */
export function readerOf(bytes: Uint8Array): Reader {
  shared.reset(bytes);
  return shared;
}

/** Returns a payload as bytes, whether it is stored as bytes or as a byte string. */
export function payloadBytes(payload: Payload): Uint8Array {
  return typeof payload === 'string' ? Buffer.from(payload, 'latin1') : payload;
}

/** Returns a payload as a byte string, whether it is stored as bytes or as a byte string. */
export function payloadString(payload: Payload): string {
  if (typeof payload === 'string') return payload;
  const buffer = Buffer.isBuffer(payload) ? payload : Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  return buffer.toString('latin1');
}

/**
 * Reads a payload in every form that protobuf allows: fields in any order, repeated, with unknown fields between them. Bytes in the result
 * are views.
 */
export function readFields(payload: Payload): Fields {
  const bytes = payloadBytes(payload);
  const reader = readerOf(bytes);
  let fields: Fields | undefined;
  const references: Reference[] = [];
  while (reader.position < bytes.length) {
    const tag = reader.tag();
    if (tag === TAG.REFERENCES) references.push(readReference(reader, reader.limit()));
    else fields = readCase(reader, tag, fields) ?? fields;
  }
  reader.finish(bytes.length);
  if (fields === undefined) {
    throw malformed('it has no value: give one of null, boolean, number, integer, text, binary, json, packed, reference, message');
  }
  return fields.tag === TAG.PACKED ? { ...fields, references } : fields;
}

/** Reads one field; returns undefined for a field that is not a case. */
function readCase(reader: Reader, tag: number, before: Fields | undefined): Fields | undefined {
  switch (tag) {
    case TAG.NULL:
      reader.skip(tag);
      return { tag };
    case TAG.BOOLEAN:
      return { tag, value: reader.bool() };
    case TAG.NUMBER:
      return { tag, value: reader.double() };
    case TAG.INTEGER:
      return { tag, value: reader.int64() };
    case TAG.TEXT:
      return { tag, value: reader.string() };
    case TAG.PACKED:
      return { tag, value: reader.bytes(), references: [] };
    case TAG.BINARY:
    case TAG.JSON:
    case TAG.REFERENCE:
    case TAG.MESSAGE: {
      const value = reader.bytes();
      const continues = before?.tag === tag && MERGED.has(tag);
      return { tag, value: continues ? Buffer.concat([(before as { value: Uint8Array }).value, value]) : value };
    }
    default:
      reader.skip(tag);
      return undefined;
  }
}
