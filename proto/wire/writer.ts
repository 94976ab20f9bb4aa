import type { Key, Payload } from './values.js';

const SLAB = 64 * 1024;
/** Room that a slab must have left for the next message. */
const LEFT = 1024;
const NONE = Buffer.alloc(0);
/** Longest text and longest byte string for which a loop in JavaScript is faster than the call into C++. */
const SHORT_TEXT = 40;
const SHORT_BYTES = 24;

const float = new Float64Array(1);
const floatBytes = new Uint8Array(float.buffer);

/**
 * Writes protobuf into slabs. The bytes that {@link take} returns are never written again, so that they can be handed to a socket without a
 * copy; the next message follows in the same slab.
 */
export class Writer {
  buffer: Buffer = NONE;
  position = 0;
  #start = 0;

  /** Bytes written since the last {@link take}. */
  get size(): number {
    return this.position - this.#start;
  }

  /** A view of the bytes written since the last {@link take}, until the next write. */
  get written(): Buffer {
    return this.buffer.subarray(this.#start, this.position);
  }

  /** Returns the bytes written since the last call. */
  take(): Buffer {
    const { written } = this;
    this.#start = this.position;
    // The slab of a large message is not kept for others: it would stay for as long as the writer.
    if (this.buffer.length > SLAB || this.buffer.length - this.position < LEFT) this.#use(NONE);
    return written;
  }

  /** Drops everything written after the first `size` bytes, for example after an encoding error. */
  rewind(size: number): void {
    this.position = this.#start + size;
  }

  /** Makes room for `bytes` more bytes. */
  reserve(bytes: number): void {
    if (this.buffer.length - this.position >= bytes) return;
    const size = Math.max(SLAB, this.size * 2, this.size + bytes + LEFT);
    this.#use(Buffer.allocUnsafeSlow(size));
  }

  /** Skips `bytes` bytes, which the caller fills in after {@link take}. */
  leave(bytes: number): void {
    this.reserve(bytes);
    this.position += bytes;
  }

  /** Goes on in another slab. */
  #use(next: Buffer): void {
    this.buffer.copy(next, 0, this.#start, this.position);
    this.position -= this.#start;
    this.#start = 0;
    this.buffer = next;
  }

  #varint(value: number): void {
    const { buffer } = this;
    let rest = value >>> 0;
    while (rest > 0x7f) {
      buffer[this.position++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    buffer[this.position++] = rest;
  }

  /** Writes a varint without a tag. */
  packeduint32(value: number): void {
    this.reserve(5);
    this.#varint(value);
  }

  uint32(tag: number, value: number): void {
    this.reserve(10);
    this.#varint(tag);
    this.#varint(value);
  }

  int32(tag: number, value: number): void {
    if (value < 0) this.#varint64(tag, BigInt(value));
    else this.uint32(tag, value);
  }

  /** Writes an unsigned integer up to 2^53. */
  uint64(tag: number, value: number): void {
    if (value <= 0xffffffff) return this.uint32(tag, value);
    this.reserve(15);
    this.#varint(tag);
    let rest = value;
    while (rest > 0x7f) {
      this.buffer[this.position++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    this.buffer[this.position++] = rest;
  }

  /** Writes a signed 64-bit integer. */
  int64(tag: number, value: bigint): void {
    this.#varint64(tag, value);
  }

  #varint64(tag: number, value: bigint): void {
    this.reserve(15);
    this.#varint(tag);
    let rest = BigInt.asUintN(64, value);
    while (rest > 0x7fn) {
      this.buffer[this.position++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.buffer[this.position++] = Number(rest);
  }

  bool(tag: number, value: boolean): void {
    this.uint32(tag, value ? 1 : 0);
  }

  double(tag: number, value: number): void {
    this.reserve(13);
    this.#varint(tag);
    float[0] = value;
    const { buffer } = this;
    let at = this.position;
    for (let i = 0; i < 8; i++) buffer[at++] = floatBytes[i]!;
    this.position = at;
  }

  string(tag: number, value: string): void {
    if (value.length <= SHORT_TEXT && this.#ascii(tag, value)) return;
    const length = Buffer.byteLength(value);
    this.reserve(10 + length);
    this.#varint(tag);
    this.#varint(length);
    this.position += this.buffer.write(value, this.position, length, 'utf8');
  }

  /** Writes a short string if it is ASCII; otherwise returns false. */
  #ascii(tag: number, value: string): boolean {
    const { length } = value;
    this.reserve(10 + length);
    const before = this.position;
    this.#varint(tag);
    const { buffer } = this;
    let at = this.position;
    buffer[at++] = length;
    for (let i = 0; i < length; i++) {
      const code = value.charCodeAt(i);
      if (code > 0x7f) {
        this.position = before;
        return false;
      }
      buffer[at++] = code;
    }
    this.position = at;
    return true;
  }

  bytes(tag: number, value: Uint8Array): void {
    this.reserve(10 + value.length);
    this.#varint(tag);
    this.#varint(value.length);
    this.raw(value);
  }

  /** Writes bytes without a length. The caller has called {@link reserve}. */
  raw(value: Uint8Array): void {
    this.buffer.set(value, this.position);
    this.position += value.length;
  }

  payload(tag: number, value: Payload): void {
    if (typeof value !== 'string') return this.bytes(tag, value);
    this.reserve(10 + value.length);
    this.#varint(tag);
    this.#varint(value.length);
    if (value.length <= SHORT_BYTES) {
      let at = this.position;
      for (let i = 0; i < value.length; i++) this.buffer[at++] = value.charCodeAt(i);
      this.position = at;
    } else {
      this.position += this.buffer.write(value, this.position, value.length, 'latin1');
    }
  }

  key(tag: number, value: Key): void {
    const at = this.open(tag);
    if (typeof value === 'string') this.string(10, value);
    else if (typeof value === 'number') this.double(17, value);
    else if (typeof value === 'bigint') this.int64(24, value);
    else if (typeof value === 'boolean') this.bool(32, value);
    else this.bytes(42, value);
    this.close(at);
  }

  /** Begins a nested message; pass the returned position to {@link close}. */
  open(tag: number): number {
    this.reserve(6);
    this.#varint(tag);
    const opened = this.size;
    this.position++;
    return opened;
  }

  /** Ends a nested message: writes its length, and moves the message if the length needs more than the one reserved byte. */
  close(opened: number): void {
    const length = this.size - opened - 1;
    if (length < 0x80) {
      this.buffer[this.#start + opened] = length;
      return;
    }
    const extra = length < 0x4000 ? 1 : length < 0x200000 ? 2 : length < 0x10000000 ? 3 : 4;
    this.reserve(extra);
    const begin = this.#start + opened;
    this.buffer.copyWithin(begin + 1 + extra, begin + 1, this.position);
    const end = this.position + extra;
    this.position = begin;
    this.#varint(length);
    this.position = end;
  }
}
