import type { Key, Payload } from '../../../proto/wire/values.js';
import { readPayload, readValue, type Source, type ValueCodec } from './cells.js';
import { C_BITS, C_KIND, C_LENGTH, C_SIZE, E_KEY, LONG } from '../kernel/layout.js';
import { FreshMemory } from './fresh.js';
import { keySize, readKey } from '../objects/keys.js';
import type { ArenaThread } from './arena-thread.js';

/** Memory of this thread. */
export type Copy = Uint8Array<ArrayBuffer>;

/**
 * Cells of an object, or entries with their cells, copied out of it: each cell has behind it what its block held. No other
 * thread changes the copy, so that it is decoded without the guard.
 */
export class CellCopy implements Source {
  readonly region: Source['region'];
  readonly #words: Int32Array;
  readonly #doubles: Float64Array;

  constructor(private readonly copy: Copy) {
    const { buffer } = copy;
    this.#words = new Int32Array(buffer);
    this.#doubles = new Float64Array(buffer);
    this.region = {
      bytes: Buffer.from(buffer),
      octets: copy,
      reach: () => {},
      fresh: new FreshMemory(),
      get longs() {
        return new BigInt64Array(buffer);
      },
    };
  }

  word(offset: number): number {
    return this.#words[offset >> 2]!;
  }

  double(offset: number): number {
    return this.#doubles[offset >> 3]!;
  }

  /** The cells of a list, one after another. */
  *cells(): Generator<number, void, undefined> {
    for (let cell = 0; cell < this.copy.length; cell += this.#size(cell)) yield cell;
  }

  /** The entries of a dict, and their cells, one after another. */
  *entries(): Generator<[entry: number, cell: number], void, undefined> {
    for (let entry = 0; entry < this.copy.length;) {
      const cell = entry + padded(E_KEY + keySize(this, entry));
      yield [entry, cell];
      entry = cell + this.#size(cell);
    }
  }

  #size(cell: number): number {
    return C_SIZE + (this.word(cell + C_KIND) === LONG ? padded(this.word(cell + C_LENGTH)) : 0);
  }

  value(cell: number, codec: ValueCodec): unknown {
    return readValue(this, cell, codec, cell + C_SIZE);
  }

  payload(cell: number): Payload {
    return readPayload(this, cell, cell + C_SIZE);
  }

  key(entry: number): Key {
    return readKey(this, entry);
  }
}

/**
 * Reads cells, or entries, as many at a time as fit into the scratch memory of the thread. Under the guard of their object.
 * @param read has the kernel copy them from a place on, and answers the place of the first one that is left: its `ringRead`, or `mapRead`
 * @param one copies the one at a place, which does not fit; undefined where there is none
 */
export function chunkReader(
  thread: ArenaThread,
  first: number,
  read: (from: number, out: number, room: number) => number,
  one: (place: number) => Copy | undefined,
): () => Copy | undefined {
  let at = first;
  return () => {
    const { out, outRoom } = thread;
    at = read(at, out, C_SIZE + outRoom);
    const size = thread.word(out);
    return size === 0 ? one(at++) : thread.region.octets.slice(out + 8, out + 8 + size);
  };
}

/** The cells of chunks of a list, one after another. */
export function* cellsOf(copies: Iterable<Copy>): Generator<[chunk: CellCopy, cell: number], void, undefined> {
  for (const copy of copies) {
    const chunk = new CellCopy(copy);
    for (const cell of chunk.cells()) yield [chunk, cell];
  }
}

/** Copies one cell, however large it is, as the kernel does. @param entry the entry that it belongs to, which comes first */
export function copyOne(thread: ArenaThread, cell: number, entry?: number, values = true): Copy {
  const { octets } = thread.region;
  const head = entry === undefined ? 0 : E_KEY + keySize(thread, entry);
  const at = padded(head);
  const length = values && thread.word(cell + C_KIND) === LONG ? thread.word(cell + C_LENGTH) : 0;
  const copy = new Uint8Array(at + C_SIZE + padded(length));
  if (entry !== undefined) copy.set(octets.subarray(entry, entry + head));
  if (values) copy.set(octets.subarray(cell, cell + C_SIZE), at);
  if (length > 0) copy.set(octets.subarray(thread.word(cell + C_BITS), thread.word(cell + C_BITS) + length), at + C_SIZE);
  return copy;
}

function padded(bytes: number): number {
  return (bytes + 7) & ~7;
}
