import { PackedCursor, PLAIN } from './packed-cursor.js';
import { MAX_PACKED_DEPTH } from './refuse.js';

/** Thrown where the bytes do not tell: at an extension, a key that is no text, or the end of bytes that are cut short. */
const UNSURE = new Error('the bytes do not tell');

/**
 * Compares two packed values as bytes, up to the first difference. Objects are equal whatever the order of their keys; one that has a
 * key twice, which the SDK never writes, is compared entry by entry.
 * @returns undefined if the bytes do not tell: then the values have to be decoded
 */
export function samePacked(a: Uint8Array, from: number, b: Uint8Array, otherFrom: number): boolean | undefined {
  try {
    return new Comparison(new PackedCursor(a, from), new PackedCursor(b, otherFrom)).item(0);
  } catch (error) {
    if (error === UNSURE) return undefined;
    throw error;
  }
}

/** Bytes that are passed over where keys have another order, for each byte of a value. More are passed over only in objects nested deeply. */
const PASSES = 4;

class Comparison {
  /** Bytes that may still be passed over, so that the time is in proportion to the size. */
  #room: number;

  constructor(
    readonly a: PackedCursor,
    readonly b: PackedCursor,
  ) {
    this.#room = PASSES * b.bytes.length;
  }

  /** Moves both cursors behind their items, if they are the same. */
  item(depth: number): boolean {
    const { a, b } = this;
    a.read();
    b.read();
    if (a.kind === PLAIN.other || b.kind === PLAIN.other || depth > MAX_PACKED_DEPTH) throw UNSURE;
    if (a.kind !== b.kind) return false;
    switch (a.kind) {
      case PLAIN.number:
        // NaN equals NaN, and -0 equals 0.
        return a.value === b.value || (Number.isNaN(a.value) && Number.isNaN(b.value));
      case PLAIN.simple:
        return a.value === b.value;
      case PLAIN.text:
      case PLAIN.bytes:
        return a.value === b.value && this.#content(a.value);
      case PLAIN.array:
        return a.value === b.value && this.#elements(a.value, depth);
      default:
        return a.value === b.value && this.#entries(a.value, depth);
    }
  }

  #content(length: number): boolean {
    const { a, b } = this;
    for (let i = 0; i < length; i++) if (a.bytes[a.at + i] !== b.bytes[b.at + i]) return false;
    a.at += length;
    b.at += length;
    return true;
  }

  #elements(count: number, depth: number): boolean {
    for (let i = 0; i < count; i++) if (!this.item(depth + 1)) return false;
    return true;
  }

  #entries(count: number, depth: number): boolean {
    const { a, b } = this;
    for (let done = 0; done < count; done++) {
      const [one, other] = [a.at, b.at];
      if (!this.#key()) {
        a.at = one;
        b.at = other;
        return this.#inAnyOrder(count - done, depth);
      }
      if (!this.item(depth + 1)) return false;
    }
    return true;
  }

  #key(): boolean {
    const { a, b } = this;
    a.read();
    b.read();
    if (a.kind !== PLAIN.text || b.kind !== PLAIN.text) throw UNSURE;
    return a.value === b.value && this.#content(a.value);
  }

  #inAnyOrder(count: number, depth: number): boolean {
    const { a, b } = this;
    const begin = b.at;
    const values = new Map<string, number>();
    for (let i = 0; i < count; i++) {
      values.set(keyAt(b), b.at);
      if (!b.skip()) throw UNSURE;
    }
    const end = b.at;
    if (values.size < count || (this.#room -= end - begin) < 0) throw UNSURE;
    for (let i = 0; i < count; i++) {
      const value = values.get(keyAt(a));
      if (value === undefined) return false;
      b.at = value;
      if (!this.item(depth + 1)) return false;
    }
    b.at = end;
    return true;
  }
}

function keyAt(cursor: PackedCursor): string {
  cursor.read();
  if (cursor.kind !== PLAIN.text) throw UNSURE;
  const from = cursor.at;
  cursor.at += cursor.value;
  return cursor.bytes.toString('latin1', from, cursor.at);
}
