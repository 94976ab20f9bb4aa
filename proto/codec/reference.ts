import { InvalidArgumentError } from '../errors.js';
import type { Reader } from '../wire/reader.js';
import type { Writer } from '../wire/writer.js';
import { isWellFormed } from '../text.js';

/** A reference to a shared object. It never carries a secret. */
export interface Reference {
  /** Kind of the object: "dict", "list", "queue", … */
  readonly kind: string;
  /** Name of the object with its manager. */
  readonly name: string;
  /** Address of its manager; empty: the manager that sent the reference. */
  readonly address: string;
  /** For a pipe: its end. */
  readonly end?: number;
}

/** Name of the method by which a proxy returns its reference; the same in every copy of this package. */
export const REFERENCE: unique symbol = Symbol.for('commonhold.reference');

/** An object that is encoded as a reference. */
export interface Referable {
  [REFERENCE](): Reference;
}

/** Returns true if an object or function has a reference. */
export function isReferable(value: object): value is Referable {
  return typeof (value as Partial<Referable>)[REFERENCE] === 'function';
}

/** Returns the reference of a proxy, checked and without other properties, because any object may pose as a proxy. */
export function referenceOf(value: Referable): Reference {
  const { kind, name, address, end } = value[REFERENCE]();
  for (const part of [kind, name, address]) {
    if (typeof part !== 'string' || !isWellFormed(part)) {
      throw new InvalidArgumentError('a reference must have the texts kind, name and address');
    }
  }
  if (end === undefined) return { kind, name, address };
  if (!Number.isInteger(end) || end < 0 || end >= 2 ** 32) throw new InvalidArgumentError('the end in a reference must be a whole number');
  return { kind, name, address, end };
}

const KIND = 10;
const NAME = 18;
const ADDRESS = 26;
const END = 32;

/** Writes the fields of a `commonhold.v1.Reference` as the nested message `tag`. */
export function writeReference(writer: Writer, tag: number, reference: Reference): void {
  const at = writer.open(tag);
  if (reference.kind !== '') writer.string(KIND, reference.kind);
  if (reference.name !== '') writer.string(NAME, reference.name);
  if (reference.address !== '') writer.string(ADDRESS, reference.address);
  if (reference.end !== undefined) writer.uint32(END, reference.end);
  writer.close(at);
}

/** Reads a `commonhold.v1.Reference` up to `end`. */
export function readReference(reader: Reader, end: number): Reference {
  let kind = '';
  let name = '';
  let address = '';
  let which: number | undefined;
  while (reader.position < end) {
    const tag = reader.tag();
    if (tag === KIND) kind = reader.string();
    else if (tag === NAME) name = reader.string();
    else if (tag === ADDRESS) address = reader.string();
    else if (tag === END) which = reader.uint32();
    else reader.skip(tag);
  }
  reader.finish(end);
  return which === undefined ? { kind, name, address } : { kind, name, address, end: which };
}
