import { bytesPerElement } from '../../../proto/codec/elements.js';
import { hashKey } from '../../../proto/codec/hash-key.js';
import { keyOf, type MapKey } from '../../../proto/codec/key.js';
import { ArrayService } from '../../../proto/gen/commonhold/v1/array_wire.js';
import { DictService, type DictEntry } from '../../../proto/gen/commonhold/v1/dict_wire.js';
import { ListService } from '../../../proto/gen/commonhold/v1/list_wire.js';
import { NamespaceService } from '../../../proto/gen/commonhold/v1/namespace_wire.js';
import { ObjectService } from '../../../proto/gen/commonhold/v1/object_wire.js';
import { PipeService } from '../../../proto/gen/commonhold/v1/pipe_wire.js';
import { SetService } from '../../../proto/gen/commonhold/v1/set_wire.js';
import { ValueService } from '../../../proto/gen/commonhold/v1/value_wire.js';
import type { StateOf } from '../../../proto/state.js';
import type { Key, Payload } from '../../../proto/wire/values.js';
import type { RebuildCall } from '../../core/calls.js';
import type { OrderedMap } from '../collections/ordered-map.js';
import type { MemoryArray } from '../objects/array.js';
import type { MemoryDict } from '../objects/dict.js';
import type { MemoryList } from '../objects/list.js';
import type { MemoryNamespace } from '../objects/namespace.js';
import type { MemoryPipe } from '../objects/pipe.js';
import type { RegisteredObject } from '../objects/registered-object.js';
import type { MemorySet } from '../objects/set.js';
import type { MemoryValue } from '../objects/value.js';
import { abandonedLock } from './rebuild-locking.js';
import { byteRanges, callOn, openOf, portions, until, type CapturedObject } from './rebuilt.js';

export function* rebuildDict(dict: CapturedObject<StateOf<MemoryDict>>, mostBytes: number): Generator<RebuildCall> {
  const { open, set, setMany, getMany } = DictService.methods;
  const { entries, expiries, maxEntries, recency } = dict.state;
  const ends = new Map(expiries?.items.flatMap(([key, due]): [MapKey, number][] => (key === undefined ? [] : [[hashKey(key), due]])));
  yield openOf(open, dict, { maxEntries });
  let plain: DictEntry[] = [];
  for (const { key, value } of entriesOf(entries)) {
    const due = ends.get(hashKey(key));
    const entry = { key: keyOf(key), value };
    if (due === undefined) {
      plain.push(entry);
      if (plain.length < FLUSHED) continue;
    }
    // In order, since new keys are added at the end.
    yield* stored(plain);
    plain = [];
    if (due !== undefined) yield callOn(set, dict, { ...entry, ttlMs: until(due, dict.now) });
  }
  yield* stored(plain);
  if (recency !== undefined) yield* used(recency);

  function* stored(entries: readonly DictEntry[]): Generator<RebuildCall> {
    for (const portion of portions(entries, mostBytes, sizeOfEntry)) yield callOn(setMany, dict, { entries: portion });
  }

  /** Reads the keys in the order of their last use. The answers have the values, and so are as large as the calls that stored them. */
  function* used(keys: readonly MapKey[]): Generator<RebuildCall> {
    const values = new Map(Array.from(entriesOf(entries), ({ key, value }) => [hashKey(key), value]));
    const read = keys.map((key) => ({ key: keyOf(key), value: values.get(hashKey(key))! }));
    for (const portion of portions(read, mostBytes, sizeOfEntry)) yield callOn(getMany, dict, { keys: portion.map(({ key }) => key) });
  }
}

/** Number of entries that are gathered before they are divided into portions. */
const FLUSHED = 1000;

export function* rebuildList(list: CapturedObject<StateOf<MemoryList>>, mostBytes: number): Generator<RebuildCall> {
  const { open, push } = ListService.methods;
  yield openOf(open, list, {});
  for (const values of portions(list.state.items, mostBytes, ({ length }) => length)) yield callOn(push, list, { values });
}

export function* rebuildSet(set: CapturedObject<StateOf<MemorySet>>, mostBytes: number): Generator<RebuildCall> {
  const { open, add } = SetService.methods;
  yield openOf(open, set, {});
  for (const members of portions(entriesOf(set.state), mostBytes, sizeOfEntry)) {
    yield callOn(add, set, { values: members.map(({ value }) => value) });
  }
}

export function* rebuildNamespace(namespace: CapturedObject<StateOf<MemoryNamespace>>, mostBytes: number): Generator<RebuildCall> {
  const { open, assign } = NamespaceService.methods;
  yield openOf(open, namespace, { initial: [] });
  for (const entries of portions(entriesOf(namespace.state), mostBytes, sizeOfEntry)) {
    yield callOn(assign, namespace, { properties: entries.map(({ key, value }) => ({ property: keyOf(key) as string, value })) });
  }
}

export function* rebuildValue(object: CapturedObject<StateOf<MemoryValue>>): Generator<RebuildCall> {
  const { open, lock } = ValueService.methods;
  const { type, value, mutex } = object.state;
  yield openOf(open, object, { initial: value, type });
  yield* abandonedLock(lock, object, mutex);
}

export function* rebuildArray(array: CapturedObject<StateOf<MemoryArray>>, mostBytes: number): Generator<RebuildCall> {
  const { open, write, lock } = ArrayService.methods;
  const { type, elements, mutex } = array.state;
  const size = bytesPerElement(type);
  yield openOf(open, array, { type, length: elements.length / size });
  for (const { start, bytes } of byteRanges(elements, mostBytes))
    yield callOn(write, array, { start: start / size, type: '', elements: bytes });
  yield* abandonedLock(lock, array, mutex);
}

export function* rebuildPipe(pipe: CapturedObject<StateOf<MemoryPipe>>): Generator<RebuildCall> {
  const { open, send, close } = PipeService.methods;
  const { duplex, capacity, ends } = pipe.state;
  yield openOf(open, pipe, { duplex, capacity });
  for (const [end, { messages }] of ends.entries()) {
    for (const message of messages) yield callOn(send, pipe, { end: 1 - end, message, restores: true });
  }
  for (const [end, { closed }] of ends.entries()) if (closed !== undefined) yield callOn(close, pipe, { end });
}

/** Of an object whose type saves its instances. */
export function* rebuildObject(object: CapturedObject<StateOf<RegisteredObject>>): Generator<RebuildCall> {
  const { type, saved } = object.state;
  yield openOf(ObjectService.methods.open, object, { type, arguments: [], saved });
}

interface Entry {
  readonly key: MapKey;
  readonly value: Payload;
}

/** Yields the entries of an ordered map. They are in the order of their sequences, as its keys are in the order of their insertion. */
function* entriesOf({ entries }: StateOf<OrderedMap>): Generator<Entry> {
  for (let i = 0; i < entries.length; i += 3) yield { key: entries[i] as MapKey, value: entries[i + 1] as Payload };
}

function sizeOfEntry({ key, value }: { readonly key: Key; readonly value: Payload }): number {
  return value.length + (typeof key === 'string' || typeof key === 'object' ? key.length : 0);
}
