import { createHash, type Hash } from 'node:crypto';
import type { State } from '../proto/state.js';

/** First byte of each value, which tells its type. */
const TAG = {
  undefined: 0,
  null: 1,
  false: 2,
  true: 3,
  number: 4,
  bigint: 5,
  /** Text in which each character fits a byte. */
  latin1: 6,
  /** Any other text, in UTF-16. */
  utf16: 7,
  bytes: 8,
  array: 9,
  object: 10,
} as const;

/** Size of a tag and a number. */
const HEADER_BYTES = 9;
const BUFFER_BYTES = 64 * 1024;
/** Longest text in characters that is copied one by one, which takes less time than a call of a Buffer's methods. */
const SHORT = 32;

/** Returns the SHA-256 of a state. Different states are different to it, also by the type of a value or the sign of a zero. */
export function digest(state: State): string {
  const writer = new DigestWriter();
  writer.write(state);
  return writer.end();
}

/**
 * Writes each value as its type, its length if it has one, and its content: so no two states are written alike. Gathers small writes, since
 * each update of a hash is expensive.
 */
class DigestWriter {
  readonly #hash: Hash = createHash('sha256');
  readonly #buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  #size = 0;

  end(): string {
    this.#flush();
    return this.#hash.digest('hex');
  }

  write(state: State): void {
    switch (typeof state) {
      case 'undefined':
        return this.#tag(TAG.undefined);
      case 'boolean':
        return this.#tag(state ? TAG.true : TAG.false);
      case 'number':
        return this.#sized(TAG.number, state);
      case 'bigint':
        return this.#bigint(state);
      case 'string':
        return this.#text(state);
      default:
        return this.#composite(state);
    }
  }

  #composite(state: State & (object | null)): void {
    if (state === null) return this.#tag(TAG.null);
    if (state instanceof Uint8Array) {
      this.#sized(TAG.bytes, state.length);
      return this.#bytes(state);
    }
    if (isArray(state)) {
      this.#sized(TAG.array, state.length);
      // Not forEach, which passes over holes.
      for (const item of state) this.write(item);
      return;
    }
    const fields = Object.keys(state).sort();
    this.#sized(TAG.object, fields.length);
    for (const field of fields) {
      this.#text(field);
      this.write(state[field]);
    }
  }

  #bigint(value: bigint): void {
    this.#tag(TAG.bigint);
    this.#text(value.toString());
  }

  #text(text: string): void {
    const { length } = text;
    if (length > SHORT) return this.#longText(text);
    this.#makeRoom(HEADER_BYTES + length);
    const start = this.#size + HEADER_BYTES;
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0xff) return this.#longText(text);
      this.#buffer[start + i] = code;
    }
    this.#sized(TAG.latin1, length);
    this.#size += length;
  }

  #longText(text: string): void {
    const [tag, encoding, bytes] = WIDE.test(text) ? ([TAG.utf16, 'utf16le', 2] as const) : ([TAG.latin1, 'latin1', 1] as const);
    this.#sized(tag, text.length);
    const size = text.length * bytes;
    if (size > BUFFER_BYTES) return this.#bytes(Buffer.from(text, encoding));
    this.#makeRoom(size);
    this.#size += this.#buffer.write(text, this.#size, encoding);
  }

  #bytes(bytes: Uint8Array): void {
    if (bytes.length > BUFFER_BYTES) {
      this.#flush();
      this.#hash.update(bytes);
      return;
    }
    this.#makeRoom(bytes.length);
    this.#buffer.set(bytes, this.#size);
    this.#size += bytes.length;
  }

  #tag(tag: number): void {
    this.#makeRoom(1);
    this.#buffer[this.#size++] = tag;
  }

  /** Writes a tag and a number, which is a value or a length. */
  #sized(tag: number, number: number): void {
    this.#makeRoom(HEADER_BYTES);
    this.#buffer[this.#size] = tag;
    // NaN has many forms.
    this.#buffer.writeDoubleLE(Number.isNaN(number) ? NaN : number, this.#size + 1);
    this.#size += HEADER_BYTES;
  }

  #makeRoom(bytes: number): void {
    if (this.#size + bytes > BUFFER_BYTES) this.#flush();
  }

  #flush(): void {
    this.#hash.update(this.#buffer.subarray(0, this.#size));
    this.#size = 0;
  }
}

/** Characters that do not fit a byte. */
const WIDE = /[^\0-\xff]/;

function isArray(state: State & object): state is readonly State[] {
  return Array.isArray(state);
}
