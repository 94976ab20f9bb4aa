import { equalTo } from '../../../proto/codec/equal.js';
import type { NotFoundError } from '../../../proto/errors.js';
import type { ListChange } from '../../../proto/gen/commonhold/v1/list_wire.js';
import type { StateOf } from '../../../proto/state.js';
import type { Payload } from '../../../proto/wire/values.js';
import { Deque } from '../collections/deque.js';
import { History, type Histories } from '../watching/history.js';
import { SharedObject, type ObjectKind } from '../lifetime/keyspace.js';
import type { Restoring } from '../../core/restoring.js';
import type { Steps } from '../../core/steps.js';
import { Snapshots } from '../../core/snapshots.js';

/** Types of changes, as numbered in the contract. */
const TYPE = { insert: 1, set: 2, delete: 3, clear: 4, reorder: 5, destroy: 6 } as const;

/** Items that are compared between two steps. */
const SEARCHED = 1024;

/** A list, as Python's list and JavaScript's Array. All changes go through its methods, which keep the values without a copy. */
export class MemoryList extends SharedObject {
  readonly kind = 'list';
  readonly history: History<ListChange>;
  readonly snapshots: Snapshots;
  readonly #items = new Deque<Payload>();

  constructor(name: string, histories: Histories) {
    super(name);
    this.history = new History(this.kind, name, bytesOf, histories);
    this.snapshots = new Snapshots(name, histories.use);
  }

  get size(): number {
    return this.#items.length;
  }

  override get waiters(): number {
    return this.history.waiters;
  }

  override get watches(): number {
    return this.history.watches;
  }

  override state() {
    return { items: this.all(), history: this.history.state(), snapshots: this.snapshots.state() };
  }

  override restore({ items, history, snapshots }: StateOf<MemoryList>, restoring: Restoring): void {
    this.#items.pushAll(items);
    this.history.restore(history, restoring);
    this.snapshots.restore(snapshots, restoring);
  }

  /** Converts an index, which counts from the end if negative, to a position. Returns undefined if it is out of range. */
  place(index: number): number | undefined {
    const place = index < 0 ? index + this.size : index;
    return place >= 0 && place < this.size ? place : undefined;
  }

  /** Converts an index to the nearest position for an insertion, from 0 to the length. */
  gap(index: number): number {
    return Math.min(Math.max(index < 0 ? index + this.size : index, 0), this.size);
  }

  at(place: number): Payload {
    return this.#items.at(place);
  }

  slice(start: number, end: number): Payload[] {
    return this.#items.slice(start, end);
  }

  /** Returns all items in a new array. */
  all(): Payload[] {
    return this.#items.slice(0, this.size);
  }

  /** Returns the index of the first equal item, or -1. */
  *indexOf(value: Payload): Steps<number> {
    const equal = equalTo(value);
    for (let i = 0; i < this.size; i++) {
      if (equal(this.#items.at(i))) return i;
      if (i % SEARCHED === SEARCHED - 1) yield;
    }
    return -1;
  }

  /** Returns the number of equal items. */
  *count(value: Payload): Steps<number> {
    const equal = equalTo(value);
    let count = 0;
    for (let i = 0; i < this.size; i++) {
      if (equal(this.#items.at(i))) count++;
      if (i % SEARCHED === SEARCHED - 1) yield;
    }
    return count;
  }

  set(place: number, value: Payload): void {
    this.links.add(value);
    this.links.remove(this.#items.at(place));
    this.#items.set(place, value);
    this.#changed(TYPE.set, place, 1, [value]);
  }

  push(values: Payload[]): void {
    this.#items.pushAll(values);
    this.#cameIn(this.size - values.length, values);
  }

  unshift(values: Payload[]): void {
    this.#items.unshiftAll(values);
    this.#cameIn(0, values);
  }

  pop(): Payload | undefined {
    const value = this.#items.pop();
    if (value !== undefined) this.#wentOut(this.size, [value]);
    return value;
  }

  shift(): Payload | undefined {
    const value = this.#items.shift();
    if (value !== undefined) this.#wentOut(0, [value]);
    return value;
  }

  /** Works as Array's splice, with `start` from 0 to the length. */
  splice(start: number, deleteCount: number, values: Payload[]): Payload[] {
    const removed = this.#items.splice(start, deleteCount, values);
    this.#wentOut(start, removed);
    this.#cameIn(start, values);
    return removed;
  }

  clear(): void {
    const count = this.size;
    this.#items.replace([]);
    this.links.clear();
    this.#changed(TYPE.clear, 0, count);
  }

  /** Reorders the items. `order` has, for each position, the old position of its item. */
  reorder(order: Uint32Array): void {
    const items = new Array<Payload>(order.length);
    for (let place = 0; place < order.length; place++) items[place] = this.at(order[place]!);
    this.#items.replace(items);
    this.#changed(TYPE.reorder, 0, order.length, NONE, order);
  }

  override destroyed(_gone: () => NotFoundError): void {
    this.snapshots.end();
    this.history.destroyed(destroyedAt);
  }

  #cameIn(index: number, values: Payload[]): void {
    for (const value of values) this.links.add(value);
    if (values.length > 0) this.#changed(TYPE.insert, index, values.length, values);
  }

  #wentOut(index: number, values: Payload[]): void {
    for (const value of values) this.links.remove(value);
    if (values.length > 0) this.#changed(TYPE.delete, index, values.length);
  }

  #changed(type: number, index: number, count: number, values: Payload[] = NONE, order: ArrayLike<number> = NONE): void {
    const revision = this.history.next();
    if (revision > 0) this.history.record({ type, index, count, values, order: Array.from(order), revision });
  }
}

/** No values or no order. Shared, so it must not be changed. */
const NONE: never[] = [];

/** Makes the change that reports the end of a list. */
export function destroyedAt(revision: number): ListChange {
  return { type: TYPE.destroy, index: 0, count: 0, values: [], order: [], revision };
}

function bytesOf({ values, order }: ListChange): number {
  return values.reduce((sum, value) => sum + value.length, 4 * order.length);
}

export const listKind: ObjectKind<MemoryList> = { kind: 'list', make: (name, { histories }) => new MemoryList(name, histories) };
