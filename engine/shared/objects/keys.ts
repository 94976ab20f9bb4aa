import { assertKey } from '../../../proto/codec/key.js';
import { InvalidArgumentError } from '../../../proto/errors.js';
import type { Key } from '../../../proto/wire/values.js';
import { E_KEY, E_SHAPE } from '../kernel/layout.js';
import type { Source } from '../memory/cells.js';
import type { ArenaThread } from '../memory/arena-thread.js';

/** Type of a key. Keys are equal if type and bytes are. Names of objects have type 0. */
const TYPE = { text: 1, number: 2, integer: 3, boolean: 4, bytes: 5 } as const;
const TYPE_BITS = 3;
/** Size up to which a loop in JavaScript is faster than the call into C++. It fits into any room for keys. */
const FEW = 48;
const LONGEST = 2 ** 28 - 1;

/** The only NaN that keys use, in two words. */
const NAN_LOW = 0;
const NAN_HIGH = 0x7ff80000;

/**
 * Writes a key where the kernel looks for keys, and returns its shape: see E_SHAPE. proto/codec/key.ts defines which keys are equal.
 * @throws InvalidArgumentError if the value cannot be a key; OutOfMemoryError
 */
export function writeKey(thread: ArenaThread, key: Key): number {
  switch (typeof key) {
    case 'string':
      return shape(writeText(thread, key), TYPE.text);
    case 'number':
      writeNumber(thread, key);
      return shape(8, TYPE.number);
    case 'bigint':
      assertKey(key);
      thread.region.longs[thread.keys >> 3] = key;
      return shape(8, TYPE.integer);
    case 'boolean':
      thread.region.bytes[thread.keys] = key ? 1 : 0;
      return shape(1, TYPE.boolean);
    default:
      assertKey(key);
      reserve(thread, key.length);
      thread.region.bytes.set(key, thread.keys);
      return shape(key.length, TYPE.bytes);
  }
}

function shape(length: number, type: number): number {
  return (length << TYPE_BITS) | type;
}

function writeText(thread: ArenaThread, text: string): number {
  const { length } = text;
  if (length <= FEW) {
    const { bytes } = thread.region;
    const at = thread.keys;
    let i = 0;
    for (; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0x7f) break;
      bytes[at + i] = code;
    }
    if (i === length) return length;
  }
  assertKey(text);
  reserve(thread, Buffer.byteLength(text));
  return thread.region.bytes.write(text, thread.keys, thread.keysRoom, 'utf8');
}

function writeNumber(thread: ArenaThread, number: number): void {
  if (Number.isNaN(number)) {
    thread.setWord(thread.keys, NAN_LOW);
    thread.setWord(thread.keys + 4, NAN_HIGH);
  } else {
    // Turns -0 into 0.
    thread.setDouble(thread.keys, number + 0);
  }
}

function reserve(thread: ArenaThread, length: number): void {
  if (length > LONGEST) throw new InvalidArgumentError(`a key of ${length} bytes: at most ${LONGEST} are allowed`);
  thread.reserveKeys(length);
}

/** Returns the size of an entry for a key of this shape. */
export function entrySize(shapeOfKey: number): number {
  return E_KEY + (shapeOfKey >>> TYPE_BITS);
}

/** Copies the key that was written last into a new entry. */
export function keyInto(thread: ArenaThread, entry: number, shapeOfKey: number): void {
  thread.setWord(entry + E_SHAPE, shapeOfKey);
  thread.region.bytes.copyWithin(entry + E_KEY, thread.keys, thread.keys + (shapeOfKey >>> TYPE_BITS));
}

/** Returns the size of an entry's key. */
export function keySize(space: Source, entry: number): number {
  return space.word(entry + E_SHAPE) >>> TYPE_BITS;
}

/** Returns the key of an entry; a key of bytes is a copy. */
export function readKey(space: Source, entry: number): Key {
  const { bytes, longs } = space.region;
  const shapeOfKey = space.word(entry + E_SHAPE);
  const at = entry + E_KEY;
  const end = at + (shapeOfKey >>> TYPE_BITS);
  switch (shapeOfKey & (2 ** TYPE_BITS - 1)) {
    case TYPE.text:
      return bytes.toString('utf8', at, end);
    case TYPE.number:
      return space.double(at);
    case TYPE.integer:
      return longs[at >> 3]!;
    case TYPE.boolean:
      return bytes[at] === 1;
    default:
      return new Uint8Array(bytes.subarray(at, end));
  }
}
