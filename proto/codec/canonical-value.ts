import { createHash } from 'node:crypto';
import { InvalidArgumentError } from '../errors.js';
import { binaryClass, bytesOf, isBytes } from './binary.js';
import { errorParts } from './failure.js';
import { TAG } from './fields.js';
import { kindOf } from './kinds.js';
import { AnyMessage } from './opaque.js';
import type { Opaque } from './payload.js';
import { referenceOf, type Referable } from './reference.js';
import { encodeBytes, encodeInteger, encodeNumber, encodeText, isInt64 } from './scalar.js';

/** First characters of the forms of values other than scalars. They differ from the tags of a payload's fields. */
const MARK = {
  UNDEFINED: '\x80',
  HOLE: '\x81',
  BIGINT: '\x82',
  ARRAY: '\x83',
  OBJECT: '\x84',
  MAP: '\x85',
  SET: '\x86',
  DATE: '\x87',
  REGEXP: '\x88',
  ERROR: '\x89',
  BINARY: '\x8a',
  REFERENCE: '\x8b',
  MESSAGE: '\x8d',
  AGAIN: '\x8e',
  DIGEST: '\x8f',
  END: '\x90',
} as const;

const NULL = String.fromCharCode(TAG.NULL, 0);
const FALSE = String.fromCharCode(TAG.BOOLEAN, 0);
const TRUE = String.fromCharCode(TAG.BOOLEAN, 1);
const TEXT = String.fromCharCode(TAG.TEXT);

/** Length limit of a form; a longer one is replaced by its digest, so that parts that occur many times stay small. */
const MAX_LENGTH = 1024;
/** Depth limit of the walk: through shared parts, it may lead deeper than the bytes are nested. */
const MAX_WALK = 1000;

/** Thrown on a cycle: the objects must be numbered instead of written out. */
class Cyclic extends Error {}

/** Returns the canonical form of a decoded value. */
export function writeCanonical({ value, graph }: Opaque): string {
  try {
    return new Canon(graph, false).write(value, 0);
  } catch (error) {
    if (!(error instanceof Cyclic)) throw error;
    return new Canon(graph, true).write(value, 0);
  }
}

/** Parts on a cycle are walked again for each part that leads to the cycle, at most for this many bytes of payload in all. */
const MAX_CYCLIC_BYTES = 2 ** 23;

/**
 * Returns a function that writes the canonical form of a part of one decoded value, as {@link writeCanonical} would. Objects that parts
 * share are walked once, so that many parts cost no more than the whole.
 * @param size bytes of the whole as a payload
 */
export function partForms(graph: boolean, size: number): (part: unknown) => string {
  const canon = new Canon(graph, false);
  let room = MAX_CYCLIC_BYTES;
  return (part) => {
    try {
      return canon.write(part, 0);
    } catch (error) {
      if (!(error instanceof Cyclic)) throw error;
      if (room <= 0) throw new InvalidArgumentError('too many parts of a large value lie on cycles: they cannot be compared');
      room -= size;
      return new Canon(graph, true).write(part, 0);
    }
  };
}

/**
 * The end of every form follows from its first byte, so that forms can be concatenated. In a value without cycles an object that occurs
 * twice is written twice: sharing makes no difference. In one with cycles objects are numbered in the order of the walk, and Maps and Sets
 * keep their order.
 */
class Canon {
  readonly #graph: boolean;
  readonly #cyclic: boolean;
  /** Forms of the objects written so far, because they may occur again; undefined while one is being written. */
  readonly #forms = new Map<object, string | undefined>();
  readonly #numbers = new Map<object, number>();

  constructor(graph: boolean, cyclic: boolean) {
    this.#graph = graph;
    this.#cyclic = cyclic;
  }

  write(value: unknown, depth: number): string {
    switch (typeof value) {
      case 'string':
        return textForm(value);
      case 'number':
        // Adding 0 turns -0 into 0; NaN has one form only.
        return numberForm(Number.isNaN(value) ? NaN : value + 0);
      case 'boolean':
        return value ? TRUE : FALSE;
      case 'bigint':
        return isInt64(value) ? latin1(encodeInteger(value)) : `${MARK.BIGINT}${value};`;
      case 'undefined':
        return MARK.UNDEFINED;
      default:
        return value === null ? NULL : this.#object(value as object, depth);
    }
  }

  #object(value: object, depth: number): string {
    if (!this.#graph) return short(this.#content(value, depth));
    if (this.#cyclic) {
      const number = this.#numbers.get(value);
      if (number !== undefined) return `${MARK.AGAIN}${number};`;
      this.#numbers.set(value, this.#numbers.size);
      return short(this.#content(value, depth));
    }
    const known = this.#forms.get(value);
    if (known !== undefined) return known;
    if (this.#forms.has(value)) throw new Cyclic();
    this.#forms.set(value, undefined);
    const form = short(this.#content(value, depth));
    this.#forms.set(value, form);
    return form;
  }

  #content(value: object, depth: number): string {
    if (depth > MAX_WALK)
      throw new InvalidArgumentError(`a value that leads deeper than ${MAX_WALK} levels through its shared parts cannot be compared`);
    if (value instanceof AnyMessage) return MARK.MESSAGE + textForm(value.typeUrl) + bytesForm(value.value);
    const kind = kindOf(value);
    switch (kind) {
      case 'object':
        return this.#properties(MARK.OBJECT, value, depth);
      case 'array':
        return this.#array(value as unknown[], depth);
      case 'map':
        return this.#unordered(
          MARK.MAP,
          value as Map<unknown, unknown>,
          ([key, item]) => this.write(key, depth + 1) + this.write(item, depth + 1),
        );
      case 'set':
        return this.#unordered(MARK.SET, value as Set<unknown>, (member) => this.write(member, depth + 1));
      case 'date':
        return MARK.DATE + numberForm((value as Date).getTime());
      case 'regexp':
        return MARK.REGEXP + textForm((value as RegExp).source) + textForm((value as RegExp).flags);
      case 'error': {
        // Errors with different stacks are equal.
        const { stack: _, ...parts } = errorParts(value as Error);
        return this.#properties(MARK.ERROR, parts, depth);
      }
      case 'buffer':
      case 'view':
        return isBytes(value) ? bytesForm(value) : binaryForm(value as ArrayBufferView | ArrayBuffer);
      case 'reference': {
        // The address is left out: the same object may be reachable under several.
        const { kind, name, end } = referenceOf(value as Referable);
        return MARK.REFERENCE + textForm(kind) + textForm(name) + (end === undefined ? '' : `${MARK.END}${end};`);
      }
      case 'foreign':
        throw new TypeError(`a decoded payload holds no ${kind}`);
    }
  }

  #properties(mark: string, value: object, depth: number): string {
    const keys = Object.keys(value).sort();
    let form = `${mark}${keys.length};`;
    for (const key of keys) form += textForm(key) + this.write((value as Record<string, unknown>)[key], depth + 1);
    return form;
  }

  #array(value: unknown[], depth: number): string {
    let form = `${MARK.ARRAY}${value.length};`;
    for (let i = 0; i < value.length; i++) form += i in value ? this.write(value[i], depth + 1) : MARK.HOLE;
    return form;
  }

  #unordered<T>(mark: string, items: Iterable<T> & { size: number }, form: (item: T) => string): string {
    const forms = Array.from(items, form);
    // Numbers depend on the order of the walk, so in a value with cycles the order must stay.
    if (!this.#cyclic) forms.sort();
    return `${mark}${items.size};${forms.join('')}`;
  }
}

function short(form: string): string {
  if (form.length <= MAX_LENGTH) return form;
  return MARK.DIGEST + createHash('sha256').update(form, 'latin1').digest().toString('latin1');
}

const ASCII = /^[\x00-\x7f]*$/;

function latin1(bytes: Buffer): string {
  return bytes.toString('latin1');
}

function numberForm(number: number): string {
  return latin1(encodeNumber(number));
}

function textForm(text: string): string {
  if (text.length < 0x80 && ASCII.test(text)) return TEXT + String.fromCharCode(text.length) + text;
  // Decoded texts are well-formed; another text gets the form of its repair.
  return latin1(encodeText(text) ?? encodeBytes(TAG.TEXT, Buffer.from(text)));
}

function bytesForm(bytes: Uint8Array): string {
  return latin1(encodeBytes(TAG.BINARY, bytes));
}

function binaryForm(value: ArrayBufferView | ArrayBuffer): string {
  return MARK.BINARY + textForm(binaryClass(value)) + bytesForm(bytesOf(withoutOddNumbers(value)));
}

/** Makes elements that are -0 equal to 0, and all NaN equal. */
function withoutOddNumbers(value: ArrayBufferView | ArrayBuffer): ArrayBufferView | ArrayBuffer {
  const name = binaryClass(value);
  if (name !== 'Float32Array' && name !== 'Float64Array' && name !== 'Float16Array') return value;
  return (value as Float64Array).map((element) => (Number.isNaN(element) ? NaN : element + 0));
}
