import { equalPayloads } from '../../../proto/codec/equal.js';
import { decodeOpaque, encodePayload } from '../../../proto/codec/payload.js';
import type { DictEntry } from '../../../proto/gen/commonhold/v1/dict_wire.js';
import type { Key, Payload } from '../../../proto/wire/values.js';
import { sum, sums } from '../../core/arithmetic.js';
import { ObjectView, type EngineContext } from './object-view.js';
import {
  copiedValue,
  copyValue,
  decoded,
  encoded,
  PAYLOADS,
  payloadSize,
  readPayload,
  takenOut,
  writeReady,
  type ValueCodec,
} from '../memory/cells.js';
import { CellCopy, chunkReader, copyOne, type Copy } from '../memory/chunk.js';
import { destroyed } from './directory.js';
import { C_KIND, E_CELL, E_SERIAL, GROW, LARGE, M_COUNT, M_SERIAL, NOTHING } from '../kernel/layout.js';
import { entrySize, keyInto, keySize, readKey, writeKey } from './keys.js';
import type { SharedObjectKind } from './objects.js';
import type { ObjectAddress } from '../memory/place.js';

/** Number of keys looked up, and of entries measured, in one step. */
const AT_A_TIME = 256;

/** Number of entries that a page looks at, during which other threads wait. */
const MOST_LOOKED_AT = 10_000;

/** An entry with a copy of its value, not decoded yet. */
type Copied = [key: Key, copy: unknown];

/** A range of entries in insertion order: see {@link SharedMemoryDict.page}. */
export interface DictPage {
  readonly entries: [Key, Payload][];
  /** Serial of the last entry looked at. */
  readonly last: number;
  readonly until: number;
}

/**
 * A dict in shared memory, with keys in insertion order. A codec converts its values; the contract's calls use {@link PAYLOADS}, and get
 * payloads. The codec never runs under the guard of the dict, nor between the steps of one change.
 */
export class SharedMemoryDict extends ObjectView {
  constructor(surroundings: EngineContext, name: string, place: ObjectAddress) {
    super(surroundings, 'dict', name, place);
  }

  override get size(): number {
    const count = this.committed(M_COUNT);
    if (!this.there) throw destroyed(this.name);
    return count;
  }

  override get bytes(): number {
    const { thread } = this;
    let bytes = 0;
    let last: number | undefined = 0;
    while (last !== undefined) {
      last = this.guarded(() => {
        let left = AT_A_TIME;
        for (const entry of this.#ordered(last!)) {
          bytes += keySize(thread, entry) + payloadSize(thread, entry + E_CELL);
          if (--left === 0) return thread.double(entry + E_SERIAL);
        }
        return undefined;
      });
    }
    return bytes;
  }

  // ── single entries ──

  /** Returns the value of a key, or undefined. */
  get(key: Key, codec: ValueCodec): unknown {
    const { thread } = this;
    const shape = writeKey(thread, key);
    const answer = this.kernel.mapGet(this.object, this.uid, shape, thread.keys, thread.out, thread.outRoom);
    if (answer === 1) return copiedValue(thread, codec);
    if (answer === 0) return undefined;
    // The value is long, or keeps changing.
    const [found] = this.guarded(() => this.#found([key], codec));
    return found && decoded(found[1], codec);
  }

  has(key: Key): boolean {
    const { thread } = this;
    const shape = writeKey(thread, key);
    const answer = this.kernel.mapGet(this.object, this.uid, shape, thread.keys, thread.out, 0);
    if (answer === 1 || answer === 0 || answer === LARGE) return answer !== 0;
    return this.guarded(() => this.#find(key) !== 0);
  }

  /** Sets the value of a key. Throws what the codec throws; OutOfMemoryError. */
  set(key: Key, value: unknown, codec: ValueCodec): void {
    this.#put(key, encoded(this.thread, value, codec), codec, 1);
  }

  /** Returns the value of a key, after setting it if the key is absent. */
  getOrInsert(key: Key, value: unknown, codec: ValueCodec): { value: unknown; inserted: boolean } {
    const ready = encoded(this.thread, value, codec);
    for (;;) {
      const found = this.get(key, codec);
      if (found !== undefined) return { value: found, inserted: false };
      // Before the change, because it may fail.
      const value = decoded(ready, codec);
      if (this.#put(key, ready, codec, 0) === 1) return { value, inserted: true };
      // Another thread set the key first: free the blocks prepared for this value.
      this.kernel.discard(this.self);
    }
  }

  /** Deletes a key. Returns false if it was absent. */
  delete(key: Key): boolean {
    const found = this.#delete(key);
    if (found) this.kernel.sweep(this.self);
    return found;
  }

  /** Deletes a key, and returns its value or undefined. */
  pop(key: Key, codec: ValueCodec): unknown {
    if (!this.#delete(key)) return undefined;
    const copy = copyValue(this.thread, this.thread.out, codec);
    this.kernel.sweep(this.self);
    return this.#takenOut(key, copy, codec);
  }

  /** Deletes the newest entry, and returns it or undefined. */
  popItem(codec: ValueCodec): [Key, unknown] | undefined {
    const { kernel, self, object } = this;
    const taken = this.guarded((): Copied | undefined => {
      const entry = kernel.mapLast(self, object);
      if (entry === 0) return undefined;
      const copy = this.#copied(entry, codec);
      kernel.mapCut(self, object, entry);
      return copy;
    });
    kernel.sweep(self);
    return taken && [taken[0], this.#takenOut(...taken, codec)];
  }

  /** Returns the value of a deleted entry: see {@link takenOut}. An entry that goes back is the newest. */
  #takenOut(key: Key, copy: unknown, codec: ValueCodec): unknown {
    // A value that another thread has set meanwhile replaces this one.
    return takenOut(copy, codec, (payload) => this.getOrInsert(key, payload, PAYLOADS));
  }

  /** Adds to the number of a key (0 if absent), and returns the sum. @throws InvalidArgumentError */
  add(key: Key, delta: Payload): Payload {
    return this.guarded(() => {
      const result = sum(this.#payloadAt(this.#find(key)), delta);
      this.#put(key, encoded(this.thread, result, PAYLOADS), PAYLOADS, 1);
      return result;
    });
  }

  /** Like {@link add}, with a number or a bigint. */
  addValue(key: Key, delta: unknown): unknown {
    return decodeOpaque(this.add(key, encodePayload(delta))).value;
  }

  /** Sets or deletes a key if its value equals the expected one; undefined stands for an absent key. */
  swap(key: Key, expected: Payload | undefined, next: Payload | undefined): boolean {
    const ready = next === undefined ? undefined : encoded(this.thread, next, PAYLOADS);
    return this.guarded(() => {
      const present = this.#payloadAt(this.#find(key));
      const asExpected = present === undefined || expected === undefined ? present === expected : equalPayloads(present, expected);
      if (!asExpected) return false;
      if (next === undefined) this.delete(key);
      else this.#put(key, ready, PAYLOADS, 1);
      return true;
    });
  }

  // ── many entries ──

  /** Returns the entries of the keys that exist, as of one moment. */
  getMany(keys: readonly Key[], codec: ValueCodec): [Key, unknown][] {
    const begin = (): (() => Copied[] | undefined) => {
      let at = 0;
      return () => (at < keys.length ? this.#found(keys.slice(at, (at += AT_A_TIME)), codec) : undefined);
    };
    const found = this.picture(begin, (parts) => [...parts]).flat();
    for (const entry of found) entry[1] = decoded(entry[1], codec);
    return found;
  }

  /** Sets all entries in one change. */
  setMany(entries: readonly (readonly [Key, unknown])[], codec: ValueCodec): void {
    const ready = entries.map(([key, value]) => [key, encoded(this.thread, value, codec)] as const);
    this.#batch(ready, (cell, [, value]) => writeReady(this.thread, cell, value, codec));
  }

  /** Adds to the numbers of many keys in one change. @throws InvalidArgumentError, with nothing changed */
  addMany(deltas: readonly DictEntry[]): void {
    this.guarded(() => {
      const entries = sums((key) => this.#payloadAt(this.#find(key)), deltas);
      this.setMany(
        entries.map(({ key, value }) => [key, value]),
        PAYLOADS,
      );
    });
  }

  /** Deletes the keys in one change, and returns the number of keys that existed. */
  deleteMany(keys: readonly Key[]): number {
    const gone = keys.map((key) => [key] as const);
    return this.#batch(gone, (cell) => this.thread.setWord(cell + C_KIND, NOTHING));
  }

  /** Deletes all entries. */
  clear(): void {
    this.guarded(() => this.kernel.mapEmpty(this.self, this.object));
    this.kernel.sweepLeft(this.self);
  }

  /** Returns the entries in insertion order, as of one moment: all, or the ones with keys that are texts and begin with the prefix. */
  entries(codec: ValueCodec, prefix?: string): [Key, unknown][] {
    const entries: [Key, unknown][] = [];
    for (const [chunk, entry, cell] of this.#pictured(true)) {
      const key = chunk.key(entry);
      if (isWanted(key, prefix)) entries.push([key, chunk.value(cell, codec)]);
    }
    return entries;
  }

  /** Returns all keys in insertion order, as of one moment. */
  keys(): Key[] {
    return Array.from(this.#pictured(false), ([chunk, entry]) => chunk.key(entry));
  }

  /**
   * Returns the next entries after a serial, up to `count` entries or about `bytes` of values.
   * @param until serial of the last entry to include; by default that of the newest
   * @param prefix selects keys that are texts. Looks at a limited number of entries, so that the page may have fewer, or none
   */
  page(after: number, until: number | undefined, count: number, bytes: number, prefix?: string): DictPage {
    const { thread } = this;
    return this.guarded(() => {
      const end = until ?? thread.double(this.data + M_SERIAL);
      const entries: [Key, Payload][] = [];
      let room = bytes;
      let left = MOST_LOOKED_AT;
      for (const entry of this.#ordered(after)) {
        const serial = thread.double(entry + E_SERIAL);
        if (serial > end) break;
        const key = readKey(thread, entry);
        if (isWanted(key, prefix)) {
          const value = readPayload(thread, entry + E_CELL);
          entries.push([key, value]);
          room -= value.length;
        }
        if (entries.length === count || room <= 0 || --left === 0) return { entries, last: serial, until: end };
      }
      return { entries, last: end, until: end };
    });
  }

  override dispose(): void {
    this.kernel.mapEmpty(this.self, this.object);
  }

  // ── steps ──

  /** Returns the entry of a key, or 0. Requires the guard. */
  #find(key: Key): number {
    const shape = writeKey(this.thread, key);
    return this.kernel.mapFind(this.object, shape, this.thread.keys);
  }

  /** Yields the entries after a serial, in insertion order. Requires the guard. */
  *#ordered(after: number): Generator<number, void, undefined> {
    const { kernel, object } = this;
    let place = kernel.mapAfter(object, after);
    for (let entry = kernel.mapAt(object, place); entry >= 0; entry = kernel.mapAt(object, ++place)) if (entry > 0) yield entry;
  }

  /** Returns copies of the entries of the keys that exist. Requires the guard. */
  #found(keys: readonly Key[], codec: ValueCodec): Copied[] {
    const found: Copied[] = [];
    for (const key of keys) {
      const entry = this.#find(key);
      if (entry !== 0) found.push(this.#copied(entry, codec));
    }
    return found;
  }

  #payloadAt(entry: number): Payload | undefined {
    return entry === 0 ? undefined : readPayload(this.thread, entry + E_CELL);
  }

  #copied(entry: number, codec: ValueCodec): Copied {
    return [readKey(this.thread, entry), copyValue(this.thread, entry + E_CELL, codec)];
  }

  /** Yields copies of all entries, as of one moment. */
  *#pictured(values: boolean): Generator<[chunk: CellCopy, entry: number, cell: number], void, undefined> {
    const { thread, kernel, object } = this;
    const begin = (): (() => Copy | undefined) =>
      chunkReader(
        thread,
        0,
        (from, out, room) => kernel.mapRead(object, from, out, room, values ? 1 : 0),
        (place) => {
          const entry = kernel.mapAt(object, place);
          return entry > 0 ? copyOne(thread, entry + E_CELL, entry, values) : undefined;
        },
      );
    for (const copy of this.picture(begin, (copies) => [...copies])) {
      const chunk = new CellCopy(copy);
      for (const [entry, cell] of chunk.entries()) yield [chunk, entry, cell];
    }
  }

  /** Sets a value that is {@link encoded}. Returns 1 if the key is new, otherwise 0. @param replace 0 to leave an existing value */
  #put(key: Key, ready: unknown, codec: ValueCodec, replace: number): number {
    const { thread, kernel, self, object, uid } = this;
    const shape = writeKey(thread, key);
    writeReady(thread, thread.cells, ready, codec);
    for (;;) {
      const answer = kernel.mapSet(self, object, uid, shape, thread.keys, thread.cells, replace);
      if (answer === GROW) this.#grow(1);
      else if (!this.again(answer)) return answer;
    }
  }

  #grow(more: number): void {
    while (this.again(this.kernel.mapGrow(this.self, this.object, this.uid, more)));
  }

  /** Deletes a key. The cell of its value is at `thread.out`; its block remains until the next sweep. */
  #delete(key: Key): boolean {
    const { thread, kernel, self, object, uid } = this;
    const shape = writeKey(thread, key);
    let answer: number;
    while (this.again((answer = kernel.mapDelete(self, object, uid, shape, thread.keys, thread.out))));
    return answer === 1;
  }

  /** Sets or deletes entries in one change; `write` writes their cells. Returns by how many the dict shrank, or 0. */
  #batch<T extends readonly [Key, ...unknown[]]>(given: readonly T[], write: (cell: number, one: T) => void): number {
    if (given.length === 0) return 0;
    const { thread, kernel, self, object, uid } = this;
    // Make room for the longest key first, so that the scratch memory does not grow between the allocations of the batch.
    for (const [key] of given) writeKey(thread, key);
    const batch = thread.alloc(4 * given.length);
    given.forEach((one, i) => {
      const shape = writeKey(thread, one[0]);
      const entry = thread.alloc(entrySize(shape));
      keyInto(thread, entry, shape);
      write(entry + E_CELL, one);
      thread.setWord(batch + 4 * i, entry);
    });
    for (;;) {
      const answer = kernel.mapBatch(self, object, uid, batch, given.length);
      if (answer === GROW) this.#grow(given.length);
      else if (!this.again(answer)) return answer;
    }
  }
}

function isWanted(key: Key, prefix: string | undefined): boolean {
  return prefix === undefined || (typeof key === 'string' && key.startsWith(prefix));
}

/** The kind of dicts. */
export const dictKind: SharedObjectKind<SharedMemoryDict> = {
  kind: 'dict',
  make: () => () => {},
  bind: (surroundings, name, place) => new SharedMemoryDict(surroundings, name, place),
};
