import { isOverShared } from '../../../proto/codec/binary.js';
import { TAG } from '../../../proto/codec/fields.js';
import { mayRefer } from '../../../proto/codec/references.js';
import { varintSize } from '../../../proto/codec/scalar.js';
import { SchemaError } from '../../../proto/errors.js';
import type { Payload } from '../../../proto/wire/values.js';
import { C_BITS, C_KIND, C_LENGTH, C_SIZE, LONG, NUMBER, O_PINNED, O_UID, SHIFT, SHORT } from '../kernel/layout.js';
import { SEPARATE } from './fresh.js';
import type { ObjectAddress } from './place.js';
import type { Region } from './region.js';
import type { ArenaThread } from './arena-thread.js';

/** Maximum size of a payload that is stored inline in its cell. */
const SHORTEST = 8;
/** Size up to which a loop in JavaScript is faster than the call into C++. */
const FEW = 32;
const FEW_CHARACTERS = 16;
/**
 * Size from which on bytes are stored at a multiple of 8, as in their source and target: V8 copies shared memory byte by byte unless both
 * are aligned alike.
 */
const MANY = 64;

/** Memory that cells are read from: that of the arena, or a copy of a part of it. */
export interface Source {
  readonly region: Pick<Region, 'bytes' | 'octets' | 'longs' | 'reach' | 'fresh'>;
  word(offset: number): number;
  double(offset: number): number;
}

/** Returns the size of the payload in a cell. */
export function payloadSize(space: Source, cell: number): number {
  return space.word(cell + C_KIND) === NUMBER ? 9 : space.word(cell + C_LENGTH);
}

/** Converts the values of a proxy to payloads and back. */
export interface ValueCodec {
  encode(value: unknown): Payload;
  decode(payload: Payload): unknown;
  /** Decodes payloads of one operation, if there is a schema: the error for one that it refuses has all values. */
  decodeAll?: ((payloads: readonly Payload[]) => unknown[]) | undefined;
  /** True if numbers, texts and bytes are encoded without a schema. */
  readonly plain: boolean;
}

/** The codec of the contract's calls, whose values are payloads already. */
export const PAYLOADS: ValueCodec = { encode: (value) => value as Payload, decode: (payload) => payload, plain: false };

/**
 * Writes a payload into a cell; a long one into a block, which is in no object yet. It first looks up the objects that the payload refers
 * to, so the caller must not have a guard: under one, use {@link writeReady}.
 * @throws OutOfMemoryError
 */
export function writePayload(thread: ArenaThread, cell: number, payload: Payload): void {
  if (mayRefer(payload)) pin(thread, thread.referred(payload));
  writeBytes(thread, cell, payload);
}

/** Pins anonymous objects: they stay until they are destroyed, because other objects refer to them. */
function pin(thread: ArenaThread, places: readonly ObjectAddress[]): void {
  for (const { object, uid } of places) if (thread.word(object + O_UID) === uid) thread.setWord(object + O_PINNED, 1);
}

function writeBytes(thread: ArenaThread, cell: number, payload: Payload): void {
  const { length } = payload;
  if (length === 9 && byteAt(payload, 0) === TAG.NUMBER) {
    thread.setWord(cell + C_KIND, NUMBER);
    copyInto(thread, cell + C_BITS, payload, 1);
  } else if (length <= SHORTEST) {
    thread.setWord(cell + C_KIND, SHORT);
    thread.setWord(cell + C_LENGTH, length);
    copyInto(thread, cell + C_BITS, payload, 0);
  } else {
    copyInto(thread, longCell(thread, cell, length), payload, 0);
  }
}

/**
 * Makes a cell with a block for `length` bytes, and returns their offset.
 * @param shift distance of the bytes from the beginning of the block
 */
function longCell(thread: ArenaThread, cell: number, length: number, shift = 0): number {
  const from = thread.alloc(length + shift) + shift;
  thread.setWord(cell + C_KIND, LONG);
  thread.setWord(cell + C_LENGTH, length);
  thread.setWord(cell + C_BITS, from);
  return from;
}

function copyInto(thread: ArenaThread, to: number, payload: Payload, from: number): void {
  const { bytes } = thread.region;
  if (typeof payload === 'string') bytes.write(from === 0 ? payload : payload.slice(from), to, 'latin1');
  else if (payload.length <= FEW) for (let i = from; i < payload.length; i++) bytes[to + i - from] = payload[i]!;
  else bytes.set(from === 0 ? payload : payload.subarray(from), to);
}

function byteAt(payload: Payload, at: number): number {
  return typeof payload === 'string' ? payload.charCodeAt(at) : payload[at]!;
}

/** Writes a value into a cell. Throws what the codec throws, and OutOfMemoryError. */
export function writeValue(thread: ArenaThread, cell: number, value: unknown, codec: ValueCodec): void {
  if (!codec.plain || !isPlain(value) || !writePlain(thread, cell, value)) writePayload(thread, cell, codec.encode(value));
}

/** A value that every codec without a schema encodes alike. */
type Plain = number | string | Uint8Array;

function isPlain(value: unknown): value is Plain {
  return typeof value === 'number' || typeof value === 'string' || (value instanceof Uint8Array && !isOverShared(value));
}

/** Writes the payload of a plain value, without making it first. Returns false if it wrote nothing. */
function writePlain(thread: ArenaThread, cell: number, value: Plain): boolean {
  if (typeof value === 'number') {
    thread.setWord(cell + C_KIND, NUMBER);
    thread.setDouble(cell + C_BITS, value);
    return true;
  }
  if (typeof value === 'string') return writeText(thread, cell, value);
  if (value.length < SHORTEST) return false;
  const at = delimited(thread, cell, TAG.BINARY, value.length);
  thread.region.bytes.set(value, at);
  return true;
}

/** Writes a text if it is ASCII. Returns false if it is not. */
function writeText(thread: ArenaThread, cell: number, text: string): boolean {
  const { length } = text;
  // Check before allocating: a block allocated here would be lost in the pending chain when the caller allocates another.
  if (!isAscii(text)) return false;
  const at = delimited(thread, cell, TAG.TEXT, length);
  const { bytes } = thread.region;
  if (length > FEW_CHARACTERS) bytes.write(text, at, length, 'latin1');
  else for (let i = 0; i < length; i++) bytes[at + i] = text.charCodeAt(i);
  return true;
}

/** Writes tag and length of a payload, and returns the offset for its `length` bytes. */
function delimited(thread: ArenaThread, cell: number, tag: number, length: number): number {
  const before = 1 + varintSize(length);
  const size = before + length;
  const inside = size <= SHORTEST;
  let at = inside ? cell + C_BITS : longCell(thread, cell, size, tag === TAG.BINARY && length >= MANY ? -before & SHIFT : 0);
  if (inside) {
    thread.setWord(cell + C_KIND, SHORT);
    thread.setWord(cell + C_LENGTH, size);
  }
  const { bytes } = thread.region;
  bytes[at++] = tag;
  let rest = length;
  for (; rest > 0x7f; rest >>>= 7) bytes[at++] = (rest & 0x7f) | 0x80;
  bytes[at++] = rest;
  return at;
}

function isAscii(text: string): boolean {
  const { length } = text;
  if (length > FEW_CHARACTERS) return Buffer.byteLength(text) === length;
  for (let i = 0; i < length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}

/**
 * Returns the payload of a cell, in memory of its own.
 * @param copied offset of a copy of its bytes, if it is a long one; by default they are read from its block
 */
export function readPayload(space: Source, cell: number, copied?: number): Payload {
  switch (space.word(cell + C_KIND)) {
    case NUMBER: {
      const { bytes } = space.region;
      const payload = Buffer.allocUnsafe(9);
      payload[0] = TAG.NUMBER;
      for (let i = 0; i < 8; i++) payload[1 + i] = bytes[cell + C_BITS + i]!;
      return payload;
    }
    case SHORT:
      return copyOf(space, cell + C_BITS, space.word(cell + C_LENGTH));
    default:
      return copyOf(space, copied ?? bytesOf(space, cell), space.word(cell + C_LENGTH));
  }
}

function copyOf(space: Source, at: number, length: number): Buffer {
  const { bytes } = space.region;
  const shift = at & SHIFT;
  const copy = length < MANY ? Buffer.allocUnsafe(length) : space.region.fresh.take(shift + length).subarray(shift);
  if (length <= FEW) for (let i = 0; i < length; i++) copy[i] = bytes[at + i]!;
  else bytes.copy(copy, 0, at, at + length);
  return copy;
}

/** Returns the offset of the bytes of a long payload. Another thread may have allocated their block. */
function bytesOf(space: Source, cell: number): number {
  const from = space.word(cell + C_BITS);
  space.region.reach(from + space.word(cell + C_LENGTH));
  return from;
}

/** Returns the number, text or bytes of a cell; undefined if it is another value. */
function readPlain(space: Source, cell: number, copied?: number): unknown {
  const kind = space.word(cell + C_KIND);
  if (kind === NUMBER) return space.double(cell + C_BITS);
  const from = kind === SHORT ? cell + C_BITS : (copied ?? bytesOf(space, cell));
  const length = space.word(cell + C_LENGTH);
  const { bytes } = space.region;
  const tag = bytes[from];
  if (tag !== TAG.TEXT && tag !== TAG.BINARY) return undefined;
  // The encoding of the SDK: a length, and that many bytes to the end.
  let next = from + 1;
  let said = 0;
  for (let shift = 0; shift < 28; shift += 7) {
    const byte = bytes[next++]!;
    said |= (byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  const end = from + length;
  if (next + said !== end) return undefined;
  return tag === TAG.TEXT ? bytes.toString('utf8', next, end) : bytesFrom(space, next, end);
}

/** Copies bytes to a Uint8Array (not a Buffer) that does not share its memory. */
function bytesFrom({ region: { octets, fresh } }: Source, from: number, to: number): Uint8Array {
  if (to - from < SEPARATE) return octets.slice(from, to);
  const copy = new Uint8Array(fresh.take(to - from).buffer);
  copy.set(octets.subarray(from, to));
  return copy;
}

/** Returns the value of a cell: see {@link readPayload}. Throws what the codec throws. */
export function readValue(space: Source, cell: number, codec: ValueCodec, copied?: number): unknown {
  const plain = codec.plain ? readPlain(space, cell, copied) : undefined;
  return plain ?? codec.decode(readPayload(space, cell, copied));
}

/** Returns where the kernel's `readCell` has copied the bytes of the cell at `thread.out`. */
function copiedTo(thread: ArenaThread): number {
  return thread.out + C_SIZE + (thread.word(thread.out + C_BITS) & SHIFT);
}

/** Returns the value of the cell that the kernel has copied to `thread.out`. Throws what the codec throws. */
export function copiedValue(thread: ArenaThread, codec: ValueCodec): unknown {
  return readValue(thread, thread.out, codec, copiedTo(thread));
}

/** Returns the payload of the cell that the kernel has copied to `thread.out`. */
export function copiedPayload(thread: ArenaThread): Payload {
  return readPayload(thread, thread.out, copiedTo(thread));
}

/** A value that a codec has encoded, or has yet to decode. */
class EncodedValue {
  constructor(
    readonly payload: Payload,
    /** The anonymous objects that it refers to, if it is to be written. */
    readonly refers: readonly ObjectAddress[] = NOWHERE,
  ) {}
}

const NOWHERE: readonly ObjectAddress[] = [];

/**
 * Prepares a value for {@link writeReady}. It does what a thread must not do under the guard of an object: it runs the codec, which may run
 * users' code, and looks up in the directory the objects that the value refers to.
 */
export function encoded(thread: ArenaThread, value: unknown, codec: ValueCodec): unknown {
  if (codec.plain && isPlain(value)) return value;
  const payload = codec.encode(value);
  return mayRefer(payload) ? new EncodedValue(payload, thread.referred(payload)) : new EncodedValue(payload);
}

/** Writes a value that {@link encoded} prepared, also under the guard of an object. @throws OutOfMemoryError */
export function writeReady(thread: ArenaThread, cell: number, ready: unknown, codec: ValueCodec): void {
  if (ready instanceof EncodedValue) {
    if (ready.refers !== NOWHERE) pin(thread, ready.refers);
    writeBytes(thread, cell, ready.payload);
  } else if (!writePlain(thread, cell, ready as Plain)) {
    writePayload(thread, cell, codec.encode(ready));
  }
}

/** Reads the value of a cell far enough for {@link decoded} to finish after the object has changed. */
export function copyValue(thread: ArenaThread, cell: number, codec: ValueCodec): unknown {
  const plain = codec.plain ? readPlain(thread, cell) : undefined;
  return plain ?? new EncodedValue(readPayload(thread, cell));
}

/** Returns the value that was copied. Throws what the codec throws. */
export function decoded(copy: unknown, codec: ValueCodec): unknown {
  return copy instanceof EncodedValue ? codec.decode(copy.payload) : copy;
}

/**
 * Returns a value that was copied and taken out of its object. If it cannot be decoded, for example because the stack ends, it is given back
 * first, so that it is not lost. A value that a schema refuses stays out, because the error has it.
 */
export function takenOut(copy: unknown, codec: ValueCodec, giveBack: (payload: Payload) => void): unknown {
  if (!(copy instanceof EncodedValue)) return copy;
  try {
    return codec.decode(copy.payload);
  } catch (error) {
    if (!(error instanceof SchemaError)) giveBack(copy.payload);
    throw error;
  }
}

/** Like {@link takenOut}, for many values: all are given back, or in the error. */
export function allTakenOut(copies: readonly unknown[], codec: ValueCodec, giveBack: (payloads: readonly Payload[]) => void): unknown[] {
  const payloads = (): Payload[] => copies.map((copy) => (copy instanceof EncodedValue ? copy.payload : codec.encode(copy)));
  try {
    return codec.decodeAll === undefined ? copies.map((copy) => decoded(copy, codec)) : codec.decodeAll(payloads());
  } catch (error) {
    if (!(error instanceof SchemaError)) giveBack(payloads());
    throw error;
  }
}
