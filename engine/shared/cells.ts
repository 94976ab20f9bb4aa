import { TAG } from '../../proto/codec/fields.js';
import type { Payload } from '../../proto/wire/values.js';
import { C_BITS, C_KIND, C_LENGTH, LONG, NUMBER, SHORT } from './kernel/layout.js';
import type { Space } from './space.js';

/** Bytes that fit into a cell itself. */
const SHORTEST = 8;
/** Up to here a loop in JavaScript beats the call into C++. */
const FEW = 32;
const FEW_CHARACTERS = 16;

/** How the values of a proxy become payloads, and back. */
export interface ValueCodec {
  encode(value: unknown): Payload;
  decode(payload: Payload): unknown;
  /** Numbers, texts and bytes are what they are: no schema has a say in them. */
  readonly plain: boolean;
}

/** Writes a payload into a cell; a long one into a block, which is not in an object yet. Throws OutOfMemoryError. */
export function writePayload(space: Space, cell: number, payload: Payload): void {
  const { length } = payload;
  if (length === 9 && byteAt(payload, 0) === TAG.NUMBER) {
    space.setWord(cell + C_KIND, NUMBER);
    copyInto(space, cell + C_BITS, payload, 1);
  } else if (length <= SHORTEST) {
    space.setWord(cell + C_KIND, SHORT);
    space.setWord(cell + C_LENGTH, length);
    copyInto(space, cell + C_BITS, payload, 0);
  } else {
    copyInto(space, longCell(space, cell, length), payload, 0);
  }
}

/** A cell with a block of so many bytes; answers where they begin. */
function longCell(space: Space, cell: number, length: number): number {
  const block = space.alloc(length);
  space.setWord(cell + C_KIND, LONG);
  space.setWord(cell + C_LENGTH, length);
  space.setWord(cell + C_BITS, block);
  return block;
}

function copyInto(space: Space, to: number, payload: Payload, from: number): void {
  const { bytes } = space.region;
  if (typeof payload === 'string') bytes.write(from === 0 ? payload : payload.slice(from), to, 'latin1');
  else if (payload.length <= FEW) for (let i = from; i < payload.length; i++) bytes[to + i - from] = payload[i]!;
  else bytes.set(from === 0 ? payload : payload.subarray(from), to);
}

function byteAt(payload: Payload, at: number): number {
  return typeof payload === 'string' ? payload.charCodeAt(at) : payload[at]!;
}

/** Writes a value into a cell. Throws what the codec throws, and OutOfMemoryError. */
export function writeValue(space: Space, cell: number, value: unknown, codec: ValueCodec): void {
  if (codec.plain) {
    if (typeof value === 'number') {
      space.setWord(cell + C_KIND, NUMBER);
      space.setDouble(cell + C_BITS, value);
      return;
    }
    if (typeof value === 'string' && writeText(space, cell, value)) return;
    if (value instanceof Uint8Array && value.length >= SHORTEST && value.length < 0x80) {
      const { length } = value;
      const block = longCell(space, cell, 2 + length);
      const { bytes } = space.region;
      bytes[block] = TAG.BINARY;
      bytes[block + 1] = length;
      bytes.set(value, block + 2);
      return;
    }
  }
  writePayload(space, cell, codec.encode(value));
}

/** Writes an ASCII text as its payload is, without making that first. Says whether it did. */
function writeText(space: Space, cell: number, text: string): boolean {
  const { length } = text;
  if (length < SHORTEST || length > 0x7f) return false;
  const few = length <= FEW_CHARACTERS;
  // First: a block that is not used after all would be taken for one that is.
  if (few ? !isAscii(text) : Buffer.byteLength(text) !== length) return false;
  const block = longCell(space, cell, 2 + length);
  const { bytes } = space.region;
  bytes[block] = TAG.TEXT;
  bytes[block + 1] = length;
  if (few) for (let i = 0; i < length; i++) bytes[block + 2 + i] = text.charCodeAt(i);
  else bytes.write(text, block + 2, length, 'latin1');
  return true;
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}

/**
 * The payload of a cell, in memory of its own.
 * @param at where its bytes are, if it is a long one; by default in its block
 */
export function readPayload(space: Space, cell: number, at = space.word(cell + C_BITS)): Payload {
  // Another thread may have let the memory grow for it.
  if (space.word(cell + C_KIND) === LONG) space.region.reach(at + space.word(cell + C_LENGTH));
  const { bytes } = space.region;
  switch (space.word(cell + C_KIND)) {
    case NUMBER: {
      const payload = Buffer.allocUnsafe(9);
      payload[0] = TAG.NUMBER;
      for (let i = 0; i < 8; i++) payload[1 + i] = bytes[cell + C_BITS + i]!;
      return payload;
    }
    case SHORT:
      return copyOf(bytes, cell + C_BITS, space.word(cell + C_LENGTH));
    default:
      return copyOf(bytes, at, space.word(cell + C_LENGTH));
  }
}

function copyOf(bytes: Buffer, at: number, length: number): Buffer {
  const copy = Buffer.allocUnsafe(length);
  if (length <= FEW) for (let i = 0; i < length; i++) copy[i] = bytes[at + i]!;
  else bytes.copy(copy, 0, at, at + length);
  return copy;
}

/** The value of a cell: see {@link readPayload}. Throws what the codec throws. */
export function readValue(space: Space, cell: number, codec: ValueCodec, at?: number): unknown {
  const direct = codec.plain ? directValue(space, cell, at) : undefined;
  return direct === undefined ? codec.decode(readPayload(space, cell, at)) : direct;
}

/** The value of a cell that needs no decoding: a number, or a text or bytes of some length; undefined of another. */
export function directValue(space: Space, cell: number, at = space.word(cell + C_BITS)): number | string | Uint8Array | undefined {
  const kind = space.word(cell + C_KIND);
  if (kind === NUMBER) return space.double(cell + C_BITS);
  if (kind !== LONG) return undefined;
  const length = space.word(cell + C_LENGTH);
  space.region.reach(at + length);
  const { bytes } = space.region;
  // As the SDK writes it: one byte says how long it is.
  if (bytes[at + 1]! >= 0x80 || length !== bytes[at + 1]! + 2) return undefined;
  if (bytes[at] === TAG.TEXT) return bytes.toString('utf8', at + 2, at + length);
  if (bytes[at] === TAG.BINARY) return space.region.octets.slice(at + 2, at + length);
  return undefined;
}

/** Whether a value goes into memory without being made a payload: it cannot be refused. */
export function isDirect(value: unknown, codec: ValueCodec): boolean {
  return codec.plain && (typeof value === 'number' || (value instanceof Uint8Array && value.length >= SHORTEST && value.length < 0x80));
}
