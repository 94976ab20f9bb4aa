import { elementsOfBytes, typecodeNamed } from '../../proto/codec/elements.js';
import { encodePayload } from '../../proto/codec/payload.js';
import { InvalidArgumentError } from '../../proto/errors.js';
import type { Kind } from '../../proto/gen/commonhold/v1/services_wire.js';
import { ArrayService } from '../../proto/gen/commonhold/v1/array_wire.js';
import { DictService } from '../../proto/gen/commonhold/v1/dict_wire.js';
import { EventService } from '../../proto/gen/commonhold/v1/event_wire.js';
import { ListService } from '../../proto/gen/commonhold/v1/list_wire.js';
import { NamespaceService } from '../../proto/gen/commonhold/v1/namespace_wire.js';
import { SetService } from '../../proto/gen/commonhold/v1/set_wire.js';
import { ValueService } from '../../proto/gen/commonhold/v1/value_wire.js';
import type { Payload } from '../../proto/wire/values.js';
import { editableText, payloadOf, stored } from '../values/payload.js';
import { writtenText } from '../values/written.js';
import { call } from './call.js';

/** An entry, a member or an element of an object, or its value. */
export interface StoredPart {
  /** Identifies it among the others. */
  readonly id: string;
  /** Its key, property or index; undefined for the members of sets and for values. */
  readonly key?: unknown;
  readonly value: unknown;
  /** Present if it can be changed here. */
  readonly edit?: Edit | undefined;
  /** Present if it can be removed here. */
  readonly remove?: (() => Promise<void>) | undefined;
}

interface Edit {
  /** JSON; undefined for a value that JSON cannot express. */
  readonly text: string | undefined;
  /** Stores an edited text. @throws InvalidArgumentError if it is no JSON; an error if another client changed the value since it was read */
  save(text: string): Promise<void>;
}

/** A page of the contents of an object. */
export interface ContentsPage {
  readonly contents: readonly StoredPart[];
  /** Token of the next page; empty on the last. */
  readonly next: string;
}

/** The contents of a kind of objects. */
export interface KindContents {
  /** Heading of the keys. */
  readonly keys?: string;
  /** True if its texts can be filtered by their beginning. */
  readonly hasPrefix?: boolean;
  page(name: string, token: string, prefix: string, abort: AbortSignal): Promise<ContentsPage>;
  /** Adds a value, under a key where there are keys. */
  add?(name: string, value: Uint8Array, key: string): Promise<unknown>;
}

const PAGE_SIZE = 100;
/** Time that a change waits for the lock of its value, in milliseconds. */
const WAIT_MS = 500;

const dict: KindContents = {
  keys: 'Key',
  hasPrefix: true,
  async page(name, pageToken, prefix, abort) {
    const request = { name, pageToken, pageSize: PAGE_SIZE, keysOnly: false, ...(prefix !== '' && { prefix }) };
    const { entries, nextPageToken } = await call(DictService.methods.scan, request, abort);
    const contents = entries.map(({ key, value }) =>
      keyed(key, value, (expected, next) => call(DictService.methods.compareAndSet, { name, key, expected, next })),
    );
    return { contents, next: nextPageToken };
  },
  async add(name, next, key) {
    assertNew(key, await call(DictService.methods.compareAndSet, { name, key, next }));
  },
};

const namespace: KindContents = {
  keys: 'Property',
  async page(name, _token, _prefix, abort) {
    const { properties } = await call(NamespaceService.methods.snapshot, { name }, abort);
    const contents = properties.map(({ property, value }) =>
      keyed(property, value, (expected, next) => call(NamespaceService.methods.compareAndSet, { name, property, expected, next })),
    );
    return { contents, next: '' };
  },
  async add(name, next, property) {
    assertNew(property, await call(NamespaceService.methods.compareAndSet, { name, property, next }));
  },
};

const list: KindContents = {
  keys: 'Index',
  async page(name, token, _prefix, abort) {
    const start = Number(token);
    const { values } = await call(ListService.methods.slice, { name, start, end: start + PAGE_SIZE + 1 }, abort);
    const contents = values.slice(0, PAGE_SIZE).map((payload, place) => {
      const index = start + place;
      return changeable(String(index), index, payload, (expected, next) =>
        call(ListService.methods.compareAndSet, { name, index, expected, next }),
      );
    });
    return { contents, next: nextIndex(start, values.length) };
  },
  add: (name, value) => call(ListService.methods.push, { name, values: [value] }),
};

const set: KindContents = {
  async page(name, pageToken, _prefix, abort) {
    const { values, nextPageToken } = await call(SetService.methods.scan, { name, pageToken, pageSize: PAGE_SIZE }, abort);
    const contents = values.map((payload): StoredPart => {
      const { value, payload: own } = stored(payload);
      const remove = async (): Promise<void> => {
        await call(SetService.methods.delete, { name, values: [own] });
      };
      return { id: writtenText(value, 1_000), value, remove };
    });
    return { contents, next: nextPageToken };
  },
  add: (name, value) => call(SetService.methods.add, { name, values: [value] }),
};

const array: KindContents = {
  keys: 'Index',
  async page(name, token, _prefix, abort) {
    const start = Number(token);
    const { type, elements } = await call(ArrayService.methods.read, { name, start, end: start + PAGE_SIZE + 1 }, abort);
    const values = [...(elementsOfBytes(typecodeNamed(type), elements) as Iterable<number | bigint>)];
    const contents = values.slice(0, PAGE_SIZE).map((element, place): StoredPart => {
      const index = start + place;
      const value = type === 'bool' ? element === 1 : element;
      const save = async (text: string): Promise<void> => {
        const next = typeof element === 'bigint' ? encodePayload(integerOf(text)) : payloadOf(text);
        const request = { name, index, expected: encodePayload(value), next, timeoutMs: WAIT_MS };
        assertSwapped(await call(ArrayService.methods.compareAndSet, request));
      };
      return { id: String(index), key: index, value, edit: { text: String(value), save } };
    });
    return { contents, next: nextIndex(start, values.length) };
  },
};

const value: KindContents = {
  async page(name, _token, _prefix, abort) {
    const { value: payload } = await call(ValueService.methods.get, { name }, abort);
    const swap = (expected: Payload, next: Payload): Promise<SwapOutcome> =>
      call(ValueService.methods.compareAndSet, { name, expected, next, timeoutMs: WAIT_MS });
    return { contents: [changeable('value', undefined, payload, swap)], next: '' };
  },
};

const event: KindContents = {
  async page(name, _token, _prefix, abort) {
    const { set: isSet } = await call(EventService.methods.isSet, { name }, abort);
    const save = async (text: string): Promise<void> => {
      if (text !== 'true' && text !== 'false') throw new InvalidArgumentError('an event is true or false');
      if (text === 'true') await call(EventService.methods.set, { name });
      else await call(EventService.methods.clear, { name });
    };
    return { contents: [{ id: 'event', value: isSet, edit: { text: String(isSet), save } }], next: '' };
  },
};

/** The kinds with contents that can be paged through. */
export const CONTENTS: Readonly<Partial<Record<string, KindContents>>> = {
  array,
  dict,
  event,
  list,
  namespace,
  set,
  value,
} satisfies Partial<Record<Kind, KindContents>>;

/** Replaces an expected value; removes it if there is no next one. */
type Swap<Next> = (expected: Payload, next: Next) => Promise<SwapOutcome>;

interface SwapOutcome {
  readonly swapped: boolean;
}

function keyed(key: unknown, payload: Payload, swap: Swap<Payload | undefined>): StoredPart {
  const content = changeable(writtenText(key, 1_000), key, payload, swap);
  const { payload: own } = stored(payload);
  return { ...content, remove: async () => assertSwapped(await swap(own, undefined)) };
}

function changeable(id: string, key: unknown, payload: Payload, swap: Swap<Payload>): StoredPart {
  const { value, payload: own } = stored(payload);
  const save = async (text: string): Promise<void> => assertSwapped(await swap(own, payloadOf(text)));
  return { id, key, value, edit: { text: editableText(value), save } };
}

function assertNew(key: string, { swapped }: SwapOutcome): void {
  if (!swapped) throw new InvalidArgumentError(`${JSON.stringify(key)} exists already: change its value instead`);
}

function assertSwapped({ swapped }: SwapOutcome): void {
  if (!swapped) throw new InvalidArgumentError('another client has changed this value meanwhile: close, and look at it again');
}

function integerOf(text: string): bigint {
  try {
    return BigInt(text);
  } catch (cause) {
    throw new InvalidArgumentError('the elements of this array are integers', { cause });
  }
}

/** Token of the page behind `count` elements, of which one more than a page was asked for. */
function nextIndex(start: number, count: number): string {
  return count > PAGE_SIZE ? String(start + PAGE_SIZE) : '';
}
