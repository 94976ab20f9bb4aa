import { MalformedError, type Payload } from '../wire/values.js';
import { Writer } from '../wire/writer.js';
import { TAG, payloadBytes, readerOf } from './fields.js';
import { readReference, writeReference, type Reference } from './reference.js';

/**
 * Returns the references in a payload without decoding it. Most payloads have none, as their first bytes show: scalars and plain data cost
 * two comparisons. Returns none for bytes that are not a payload: the error belongs to the calls that decode them, and storing and removing
 * them must work.
 */
export function referencesIn(payload: Payload): Reference[] {
  if (!mayRefer(payload)) return NONE;
  try {
    return readReferences(payload);
  } catch (error) {
    if (error instanceof MalformedError) return NONE;
    throw error;
  }
}

const NONE: Reference[] = [];

function byteAt(payload: Payload, index: number): number {
  return typeof payload === 'string' ? payload.charCodeAt(index) : payload[index]!;
}

/**
 * Returns true if a payload can have references: it is one, its list of references comes first, or another field follows the packed one.
 */
export function mayRefer(payload: Payload): boolean {
  if (payload.length === 0) return false;
  const tag = byteAt(payload, 0);
  if (tag !== TAG.PACKED) return tag === TAG.REFERENCE || tag === TAG.REFERENCES;
  let length = 0;
  let position = 1;
  for (let shift = 0; position < payload.length && shift < 35; shift += 7) {
    const byte = byteAt(payload, position++);
    length += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) break;
  }
  return position + length < payload.length;
}

function readReferences(payload: Payload): Reference[] {
  const bytes = payloadBytes(payload);
  const reader = readerOf(bytes);
  const references: Reference[] = [];
  while (reader.position < bytes.length) {
    const tag = reader.tag();
    if (tag === TAG.REFERENCE || tag === TAG.REFERENCES) references.push(readReference(reader, reader.limit()));
    else reader.skip(tag);
  }
  return references;
}

/** Returns a payload in which some references have no address: those for which `isLocal` is true. Returns others unchanged. */
export function withoutAddresses(payload: Payload, isLocal: (reference: Reference) => boolean): Payload {
  const changes = (reference: Reference): boolean => reference.address !== '' && isLocal(reference);
  if (!referencesIn(payload).some(changes)) return payload;
  const bytes = payloadBytes(payload);
  const reader = readerOf(bytes);
  const writer = new Writer();
  while (reader.position < bytes.length) {
    const begin = reader.position;
    const tag = reader.tag();
    if (tag === TAG.REFERENCE || tag === TAG.REFERENCES) {
      const reference = readReference(reader, reader.limit());
      writeReference(writer, tag, changes(reference) ? { ...reference, address: '' } : reference);
    } else {
      reader.skip(tag);
      writer.reserve(reader.position - begin);
      writer.raw(bytes.subarray(begin, reader.position));
    }
  }
  return writer.take();
}
