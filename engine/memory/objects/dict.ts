import { keyOf, mapKey } from '../../../proto/codec/key.js';
import type { NotFoundError } from '../../../proto/errors.js';
import type { DictChange, DictEntry } from '../../../proto/gen/commonhold/v1/dict_wire.js';
import type { StateOf } from '../../../proto/state.js';
import type { Key, Payload } from '../../../proto/wire/values.js';
import { compact } from '../collections/bytes.js';
import { Expiries } from '../lifetime/expiries.js';
import { History, type Histories } from '../watching/history.js';
import { SharedObject, type ObjectKind } from '../lifetime/keyspace.js';
import { OrderedMap, type MapEntry } from '../collections/ordered-map.js';
import type { Restoring } from '../../core/restoring.js';
import { found } from '../../core/state.js';

/** Types of changes, as numbered in the contract. */
export const TYPE = { set: 1, delete: 2, expire: 3, clear: 4, destroy: 5 } as const;

/** A dict, as Python's dict and JavaScript's Map. All changes go through its methods. */
export class MemoryDict extends SharedObject {
  readonly kind = 'dict';
  readonly history: History<DictChange>;
  readonly #entries = new OrderedMap(this);
  /** Times to live of the entries. Undefined until there is one: most dicts have none. */
  #expiries: Expiries<MapEntry> | undefined;

  constructor(
    name: string,
    private readonly histories: Histories,
  ) {
    super(name);
    this.history = new History(this.kind, name, bytesOf, histories);
  }

  get size(): number {
    return this.entries.size;
  }

  override get bytes(): number {
    return super.bytes;
  }

  override get waiters(): number {
    return this.history.waiters;
  }

  override get watches(): number {
    return this.history.watches;
  }

  override state() {
    const expiries = this.#expiries?.state(({ key }) => key);
    return { entries: this.#entries.state(), expiries, history: this.history.state() };
  }

  override restore({ entries, expiries, history }: StateOf<MemoryDict>, restoring: Restoring): void {
    this.#entries.restore(entries);
    if (expiries !== undefined) this.#expiring().restore(expiries, restoring, (key) => found(this.#entries.get(keyOf(key)), String(key)));
    this.history.restore(history, restoring);
  }

  /** The entries, for reading. */
  get entries(): Omit<OrderedMap, 'set' | 'compareAndSet' | 'delete' | 'pop' | 'clear' | 'restore'> {
    return this.#entries;
  }

  get(key: Key): Payload | undefined {
    return this.entries.get(key)?.value;
  }

  /** Stores a value without a copy, for `ttlMs` milliseconds or without an end. */
  set(key: Key, value: Payload, ttlMs?: number): void {
    this.#entries.set(key, value);
    if (ttlMs !== undefined || this.#expiries !== undefined) this.#expire(key, ttlMs);
    this.#changed(TYPE.set, key, value);
  }

  /**
   * Stores a value computed from the one that the caller has read. The key keeps its time to live, even if that has ended since the read.
   */
  replace(key: Key, value: Payload): void {
    this.#entries.set(key, value);
    this.#changed(TYPE.set, key, value);
  }

  /** Stores copies of values as {@link replace} does. */
  replaceMany(entries: readonly DictEntry[]): void {
    for (const { key, value } of entries) this.replace(key, compact(value));
  }

  compareAndSet(key: Key, expected: Payload | undefined, next: Payload | undefined): boolean {
    if (!this.entries.holds(key, expected)) return false;
    if (next === undefined) this.delete(key);
    else this.replace(key, compact(next));
    return true;
  }

  /** Removes a key, and returns its value. */
  delete(key: Key): Payload | undefined {
    const entry = this.entries.get(key);
    if (entry === undefined) return undefined;
    this.#expiries?.delete(entry);
    const value = this.#entries.delete(key);
    this.#changed(TYPE.delete, key);
    return value;
  }

  /** Removes and returns the newest entry. */
  pop(): MapEntry | undefined {
    const entry = this.#entries.pop();
    if (entry === undefined) return undefined;
    this.#expiries?.delete(entry);
    this.#changed(TYPE.delete, keyOf(entry.key));
    return entry;
  }

  clear(): void {
    this.#entries.clear();
    this.#expiries?.clear();
    this.#changed(TYPE.clear);
  }

  override destroyed(_gone: () => NotFoundError): void {
    this.#expiries?.clear();
    this.history.destroyed(destroyedAt);
  }

  #expire(key: Key, ttlMs: number | undefined): void {
    this.#expiring().set(this.#entries.get(key)!, ttlMs);
  }

  #expiring(): Expiries<MapEntry> {
    const { revisions, use } = this.histories;
    return (this.#expiries ??= new Expiries(revisions.clock, (entry) => this.#expired(entry), use));
  }

  #expired({ key }: MapEntry): void {
    const name = keyOf(key);
    this.#entries.delete(name);
    this.#changed(TYPE.expire, name);
  }

  #changed(type: number, key?: Key, value?: Payload): void {
    const revision = this.history.next();
    if (revision === 0) return;
    // The kept form of the key: the key of a request may be a view of its frame.
    this.history.record({ type, key: key === undefined ? undefined : keyOf(mapKey(key)), value, revision });
  }
}

/** Makes the change that reports the end of a dict. */
export function destroyedAt(revision: number): DictChange {
  return { type: TYPE.destroy, revision };
}

function bytesOf({ key, value }: DictChange): number {
  const sized = typeof key === 'string' || typeof key === 'object';
  return (sized ? key.length : 0) + (value?.length ?? 0);
}

export const dictKind: ObjectKind<MemoryDict> = { kind: 'dict', make: (name, { histories }) => new MemoryDict(name, histories) };
