import { equalPayloads } from '../../../proto/codec/equal.js';
import { hashKey } from '../../../proto/codec/hash-key.js';
import { keyOf, mapKey, type MapKey } from '../../../proto/codec/key.js';
import type { Stateful, StateOf } from '../../../proto/state.js';
import type { Key, Payload } from '../../../proto/wire/values.js';
import { OVERHEAD } from '../../core/use.js';
import { compact } from './bytes.js';
import type { OutgoingRefs } from '../lifetime/outgoing-refs.js';

/** One entry. Sequences grow in the order of insertion. */
export interface MapEntry {
  readonly key: MapKey;
  value: Payload;
  readonly sequence: number;
}

/** A range of entries. */
export interface MapPage {
  readonly entries: MapEntry[];
  /** Sequence up to which the range has all wanted entries. */
  readonly reached: number;
}

/** Number of entries that one page of selected entries looks at, which takes about a millisecond. */
const MOST_LOOKED_AT = 32_768;

/** In the place of a deleted value. */
const DELETED: Payload = Buffer.alloc(0);

/**
 * A map in insertion order. Finds the newest entry in constant time, and a page after any sequence by binary search: beside the Map of keys
 * it has an array of the entries by sequence, which keeps deleted entries until they outnumber the living ones.
 */
export class OrderedMap implements Stateful {
  /** The entries by the hash keys of their keys. */
  readonly #byKey = new Map<MapKey, MapEntry>();
  #order: MapEntry[] = [];
  #sequence = 0;

  constructor(
    /** The object that this is the content of. It counts the references in the values. */
    readonly owner?: { readonly links: OutgoingRefs },
    /** Returns the number of bytes that the owner counts for a key. */
    readonly bytesOfKey: (key: MapKey) => number = lengthOf,
  ) {}

  get size(): number {
    return this.#byKey.size;
  }

  /** Sequence of the newest entry ever inserted. */
  get sequence(): number {
    return this.#sequence;
  }

  /** The entries as one row, without an array for each: there may be millions. */
  state() {
    const entries: (MapKey | Payload | number)[] = [];
    for (const { key, value, sequence } of this.#byKey.values()) entries.push(key, value, sequence);
    return { sequence: this.#sequence, entries };
  }

  /** Restores the entries. The owner knows already what it counts of them. */
  restore({ sequence, entries }: StateOf<OrderedMap>): void {
    for (let i = 0; i < entries.length; i += 3) {
      const entry = { key: entries[i] as MapKey, value: entries[i + 1] as Payload, sequence: entries[i + 2] as number };
      this.#byKey.set(hashKey(entry.key), entry);
      this.#order.push(entry);
    }
    this.#sequence = sequence;
  }

  get(key: Key): MapEntry | undefined {
    return this.#byKey.get(hashKey(mapKey(key)));
  }

  /** Stores a value, and returns its entry. */
  set(key: Key, value: Payload): MapEntry {
    const mapped = mapKey(key);
    const hashed = hashKey(mapped);
    const known = this.#byKey.get(hashed);
    this.owner?.links.add(value);
    if (known !== undefined) {
      this.owner?.links.remove(known.value);
      known.value = value;
      return known;
    }
    const entry = { key: mapped, value, sequence: ++this.#sequence };
    this.#byKey.set(hashed, entry);
    this.owner?.links.addBytes(this.bytesOfKey(mapped), OVERHEAD.key);
    this.#order.push(entry);
    return entry;
  }

  /** Stores or deletes the value of a key if it equals `expected`; `undefined` stands for an absent key. Returns true if it did. */
  compareAndSet(key: Key, expected: Payload | undefined, next: Payload | undefined): boolean {
    if (!this.holds(key, expected)) return false;
    if (next === undefined) this.delete(key);
    else this.set(key, compact(next));
    return true;
  }

  /** Returns true if the value of a key equals `expected`; `undefined` stands for an absent key. */
  holds(key: Key, expected: Payload | undefined): boolean {
    const present = this.get(key)?.value;
    if (expected === undefined || present === undefined) return expected === present;
    return equalPayloads(present, expected);
  }

  /** Removes an entry, and returns its value. */
  delete(key: Key): Payload | undefined {
    const hashed = hashKey(mapKey(key));
    const entry = this.#byKey.get(hashed);
    if (entry === undefined) return undefined;
    this.#byKey.delete(hashed);
    const { value } = entry;
    entry.value = DELETED;
    this.#wentOut(entry.key, value);
    this.#compact();
    return value;
  }

  /** Removes and returns the newest entry. */
  pop(): MapEntry | undefined {
    for (let entry = this.#order.pop(); entry !== undefined; entry = this.#order.pop()) {
      if (!isAlive(entry)) continue;
      this.#byKey.delete(hashKey(entry.key));
      this.#wentOut(entry.key, entry.value);
      return entry;
    }
    return undefined;
  }

  clear(): void {
    this.#byKey.clear();
    this.#order = [];
    this.owner?.links.clear();
  }

  /** Returns all entries in order. */
  all(): MapEntry[] {
    return this.#order.length === this.size ? this.#order.slice() : this.#order.filter(isAlive);
  }

  /**
   * Returns entries with sequences above `after` and up to `until`: at most `count`, and no more after `bytes` of values are reached.
   * @param isWanted selects entries by their keys. Looks at a limited number of entries, so that the page may have fewer, or none
   */
  page(after: number, until: number, count: number, bytes = Infinity, isWanted?: (key: MapKey) => boolean): MapPage {
    const entries: MapEntry[] = [];
    const first = this.#indexAfter(after);
    const last = isWanted === undefined ? this.#order.length : Math.min(this.#order.length, first + MOST_LOOKED_AT);
    let room = bytes;
    for (let i = first; i < last; i++) {
      const entry = this.#order[i]!;
      if (entry.sequence > until) return { entries, reached: until };
      if (!isAlive(entry) || isWanted?.(entry.key) === false) continue;
      entries.push(entry);
      room -= entry.value.length;
      if (entries.length === count || room <= 0) return { entries, reached: entry.sequence };
    }
    return { entries, reached: last < this.#order.length ? this.#order[last - 1]!.sequence : until };
  }

  #wentOut(key: MapKey, value: Payload): void {
    if (this.owner === undefined) return;
    this.owner.links.remove(value);
    this.owner.links.removeBytes(this.bytesOfKey(key), OVERHEAD.key);
  }

  /** Returns the index of the first entry whose sequence is above `after`. */
  #indexAfter(after: number): number {
    let low = 0;
    let high = this.#order.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#order[middle]!.sequence > after) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Drops deleted entries once they outnumber the living ones, so that the cost per delete is constant on average. */
  #compact(): void {
    if (this.#order.length < 32 || this.#order.length <= this.#byKey.size * 2) return;
    this.#order = this.#order.filter(isAlive);
  }
}

function isAlive({ value }: MapEntry): boolean {
  return value !== DELETED;
}

/** Returns the size of a key: one byte for each character of text. */
function lengthOf(key: MapKey): number {
  return typeof key === 'string' ? key.length : typeof key === 'boolean' ? 1 : 8;
}

/** Converts an entry to its message. */
export function toWire(entry: MapEntry): { key: Key; value: Payload } {
  return { key: keyOf(entry.key), value: entry.value };
}
