import type { Key, Payload } from '../../../proto/wire/values.js';
import { readPayload, readValue, type Source, type ValueCodec } from './cells.js';
import { C_BITS, C_KIND, C_LENGTH, C_SIZE, E_KEY, LONG } from '../kernel/layout.js';
import { FreshMemory } from './fresh.js';
import { keySize, readKey } from '../objects/keys.js';
import type { ArenaThread } from './arena-thread.js';

/** Bytes in this thread's own memory. */
export type Copy = Uint8Array<ArrayBuffer>;

/**
 * A copy of cells of an object, or of entries with their cells; each cell is followed by the bytes of its block. Other threads do not
 * change it, so it is decoded without the guard.
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

  /** Yields the cells of a list. */
  *cells(): Generator<number, void, undefined> {
    for (let cell = 0; cell < this.copy.length; cell += this.#size(cell)) yield cell;
  }

  /** Yields the entries of a dict with their cells. */
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
 * Returns a function that reads the next cells or entries, as many as fit into the thread's scratch memory. Requires the guard of their
 * object.
 * @param read copies cells from a place on by the kernel's `ringRead` or `mapRead`, and returns the place of the first one not copied
 * @param one copies the one at a place, for one that does not fit; undefined if there is none
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

/** Yields the cells of chunks of a list. */
export function* cellsOf(copies: Iterable<Copy>): Generator<[chunk: CellCopy, cell: number], void, undefined> {
  for (const copy of copies) {
    const chunk = new CellCopy(copy);
    for (const cell of chunk.cells()) yield [chunk, cell];
  }
}

/** Copies one cell of any size in the kernel's format. @param entry the cell's entry, which is copied before it */
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
