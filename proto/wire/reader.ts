import { isUtf8 } from 'node:buffer';
import { MalformedError, type Key } from './values.js';

const SHORT = 24;
const float = new Float64Array(1);
const floatBytes = new Uint8Array(float.buffer);

/** Slots of the cache of names. Names recur from call to call: the same bytes give the same string object, hashed once. */
const NAMES = 256;

/** Reads protobuf from a buffer. Returned bytes are views: copy them to keep them. */
export class Reader {
  buffer: Buffer;
  position = 0;
  #end: number;
  readonly #names = new Array<string | undefined>(NAMES);

  constructor(buffer: Uint8Array = Buffer.alloc(0)) {
    this.buffer = asBuffer(buffer);
    this.#end = buffer.length;
  }

  /** Switches to another buffer and returns its length. */
  reset(buffer: Uint8Array): number {
    this.buffer = asBuffer(buffer);
    this.position = 0;
    return (this.#end = buffer.length);
  }

  uint32(): number {
    const { buffer } = this;
    let byte = buffer[this.position++]!;
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    for (let shift = 7; shift < 70; shift += 7) {
      byte = buffer[this.position++]!;
      // Past 32 bits only the sign extension of a negative int32 may follow.
      if (shift < 32) value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
      if (byte === undefined) break;
    }
    throw this.#truncated();
  }

  int32(): number {
    return this.uint32() | 0;
  }

  /** Reads an unsigned integer. @throws MalformedError beyond 2^53 */
  uint64(): number {
    let value = 0;
    let factor = 1;
    for (let i = 0; i < 10; i++) {
      const byte = this.buffer[this.position++];
      if (byte === undefined) throw this.#truncated();
      value += (byte & 0x7f) * factor;
      factor *= 128;
      if (byte < 0x80) {
        if (value > Number.MAX_SAFE_INTEGER) throw new MalformedError('integer beyond 2^53');
        return value;
      }
    }
    throw new MalformedError('integer longer than ten bytes');
  }

  int64(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.buffer[this.position++];
      if (byte === undefined) throw this.#truncated();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, value);
    }
    throw new MalformedError('integer longer than ten bytes');
  }

  /** Reads the tag of the next field. */
  tag(): number {
    const tag = this.uint32();
    if (tag >>> 3 === 0) throw new MalformedError('field number 0');
    return tag;
  }

  bool(): boolean {
    return this.uint32() !== 0;
  }

  double(): number {
    const end = this.position + 8;
    if (end > this.#end) throw this.#truncated();
    for (let i = 0; i < 8; i++) floatBytes[i] = this.buffer[this.position + i]!;
    this.position = end;
    return float[0]!;
  }

  /** Reads a length and returns the position at which that many bytes end. */
  limit(): number {
    const end = this.uint32() + this.position;
    if (end > this.#end) throw this.#truncated();
    return end;
  }

  string(): string {
    const end = this.limit();
    const begin = this.position;
    this.position = end;
    if (end - begin <= SHORT) {
      const { buffer } = this;
      let text = '';
      for (let i = begin; i < end; i++) {
        const code = buffer[i]!;
        if (code > 0x7f) return this.#utf8(begin, end);
        text += String.fromCharCode(code);
      }
      return text;
    }
    return this.#utf8(begin, end);
  }

  /** Reads a string that recurs, the name of an object, through the cache of names. */
  name(): string {
    const end = this.limit();
    const begin = this.position;
    const length = end - begin;
    if (length > SHORT || length === 0) {
      this.position = end;
      return length === 0 ? '' : this.#utf8(begin, end);
    }
    const { buffer } = this;
    const slot = (length * 31 + buffer[begin]! * 7 + buffer[end - 1]!) & (NAMES - 1);
    const known = this.#names[slot];
    if (known?.length === length) {
      let i = 0;
      while (i < length && known.charCodeAt(i) === buffer[begin + i]) i++;
      // Only ASCII names are cached, so that a character is a byte.
      if (i === length) {
        this.position = end;
        return known;
      }
    }
    this.position = end;
    const name = this.#utf8(begin, end);
    if (name.length === length) this.#names[slot] = name;
    return name;
  }

  #utf8(begin: number, end: number): string {
    const text = this.buffer.toString('utf8', begin, end);
    // A replacement character was either sent or marks malformed bytes.
    if (text.includes('\ufffd') && !isUtf8(this.buffer.subarray(begin, end))) {
      throw new MalformedError('text that is not UTF-8');
    }
    return text;
  }

  /** Returns a view of the bytes, without a copy. */
  bytes(): Buffer {
    const end = this.limit();
    const view = this.buffer.subarray(this.position, end);
    this.position = end;
    return view;
  }

  /** Returns a view of an encoded Payload, without a copy. */
  payload(): Buffer {
    return this.bytes();
  }

  key(): Key {
    const end = this.limit();
    let key: Key | undefined;
    while (this.position < end) {
      const tag = this.tag();
      if (tag === 10) key = this.string();
      else if (tag === 17) key = this.double();
      else if (tag === 24) key = this.int64();
      else if (tag === 32) key = this.bool();
      else if (tag === 42) key = new Uint8Array(this.bytes());
      else this.skip(tag);
    }
    this.finish(end);
    if (key === undefined) throw new MalformedError('a key without a value: give one of text, number, integer, boolean, binary');
    return key;
  }

  /** Reads one entry of a map<string, string> into `target`. */
  stringEntry(target: Record<string, string>): void {
    const end = this.limit();
    let key = '';
    let value = '';
    while (this.position < end) {
      const tag = this.tag();
      if (tag === 10) key = this.string();
      else if (tag === 18) value = this.string();
      else this.skip(tag);
    }
    this.finish(end);
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  }

  /** Skips a field that this version does not know. */
  skip(tag: number): void {
    const wire = tag & 7;
    if (wire === 0) this.uint32();
    else if (wire === 1) this.position += 8;
    else if (wire === 2) this.position = this.limit();
    else if (wire === 5) this.position += 4;
    else throw new MalformedError(`wire type ${wire}`);
    if (this.position > this.#end) throw this.#truncated();
  }

  /** Checks that a message ended at its stated length. */
  finish(end: number): void {
    if (this.position !== end) throw new MalformedError('a field that runs past the end of its message');
  }

  #truncated(): MalformedError {
    return new MalformedError('message cut short');
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
