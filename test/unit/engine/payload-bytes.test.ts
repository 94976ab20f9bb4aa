import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bytesOfReference, OVERHEAD } from '../../../engine/core/use.js';
import { createMemoryEngine, type MemoryEngine } from '../../../engine/memory/index.js';
import { Session } from '../../../engine/core/session.js';
import { encodePayload } from '../../../proto/codec/payload.js';
import { REFERENCE } from '../../../proto/codec/reference.js';
import type { CallContext } from '../../../proto/contract.js';
import { DictService } from '../../../proto/gen/commonhold/v1/dict_wire.js';
import { ListService } from '../../../proto/gen/commonhold/v1/list_wire.js';
import { ManagerService } from '../../../proto/gen/commonhold/v1/manager_wire.js';
import { NamespaceService } from '../../../proto/gen/commonhold/v1/namespace_wire.js';
import { LockService } from '../../../proto/gen/commonhold/v1/lock_wire.js';
import { QueueService } from '../../../proto/gen/commonhold/v1/queue_wire.js';
import { SemaphoreService } from '../../../proto/gen/commonhold/v1/semaphore_wire.js';
import { SetService } from '../../../proto/gen/commonhold/v1/set_wire.js';
import { ValueService } from '../../../proto/gen/commonhold/v1/value_wire.js';
import type { Method } from '../../../proto/wire/codec.js';
import type { Payload } from '../../../proto/wire/values.js';
import { hostWith } from '../../support/host.js';

// The engine counts the bytes that each object holds. After any operations its count must equal a recount.

let engine: MemoryEngine;
let session: Session;

beforeEach(() => {
  session = new Session('one');
  engine = createMemoryEngine(hostWith());
});

afterEach(() => engine.close());

function call<I, O>(method: Method<I, O>, request: I): O {
  const context: CallContext = { session, readOnly: method.idempotency === 'read', cancel: undefined, handOver() {} };
  return engine.handler(method)!(request, context) as O;
}

const sum = (payloads: readonly Payload[]): number => payloads.reduce((bytes, { length }) => bytes + length, 0);
const payload = fc.string({ maxLength: 40 }).map(encodePayload);
const payloads = fc.array(payload, { maxLength: 4 });
const key = fc.constantFrom('a', 'bb', 'ccc');

/** Runs random operations on an object of its own, and compares the reported bytes of it, and of all objects, with a recount. */
function recounts(name: string, open: () => unknown, operation: fc.Arbitrary<() => unknown>, recount: () => number): void {
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 40 }), (operations) => {
      open();
      for (const operate of operations) operate();
      const { objects } = call(ManagerService.methods.listObjects, { kind: '', match: name, pageToken: '', pageSize: 0 });
      expect(objects[0]?.bytes ?? 0).toBe(recount());
      expect(call(ManagerService.methods.stats, {}).bytes).toBe(recount());
      call(ManagerService.methods.destroy, { name, kind: '' });
      expect(call(ManagerService.methods.stats, {}).bytes).toBe(0);
      expect(engine.use).toMatchObject({ memory: 0, objects: 0, waiting: 0 });
    }),
  );
}

it('counts the keys and values of a dict', () => {
  const name = 'dict';
  const methods = DictService.methods;
  const operation = fc.oneof(
    fc.tuple(key, payload).map(
      ([key, value]) =>
        () =>
          call(methods.set, { name, key, value, ttlMs: value.length % 2 === 0 ? 60_000 : undefined }),
    ),
    key.map((key) => () => call(methods.delete, { name, key })),
    fc.constant(() => call(methods.popItem, { name })),
    fc.constant(() => call(methods.clear, { name })),
  );
  recounts(
    name,
    () => call(methods.open, { name, exclusive: false }),
    operation,
    () => call(methods.snapshot, { name }).entries.reduce((bytes, { key, value }) => bytes + (key as string).length + value.length, 0),
  );
});

it('counts the items of a list', () => {
  const name = 'list';
  const methods = ListService.methods;
  const operation = fc.oneof(
    payloads.map((values) => () => call(methods.push, { name, values })),
    payloads.map((values) => () => call(methods.splice, { name, start: 1, deleteCount: 2, values })),
    fc.constant(() => call(methods.pop, { name })),
    fc.constant(() => call(methods.clear, { name })),
  );
  recounts(
    name,
    () => call(methods.open, { name, exclusive: false }),
    operation,
    () => sum(call(methods.slice, { name }).values),
  );
});

it('counts each member of a set once', () => {
  const name = 'set';
  const methods = SetService.methods;
  const operation = fc.oneof(
    payloads.map((values) => () => call(methods.add, { name, values })),
    payloads.map((values) => () => call(methods.delete, { name, values })),
    fc.constant(() => call(methods.pop, { name })),
    fc.constant(() => call(methods.clear, { name })),
  );
  recounts(
    name,
    () => call(methods.open, { name, exclusive: false }),
    operation,
    () => sum(call(methods.snapshot, { name }).values),
  );
});

it('counts the items of a queue that wait, until they are taken', () => {
  const name = 'queue';
  const methods = QueueService.methods;
  const operation = fc.oneof(
    payloads.map((values) => () => call(methods.putMany, { name, values, each: [] })),
    fc.constant(() =>
      call(methods.peek, { name, count: 1 }).values.length > 0 ? call(methods.getMany, { name, max: 2, timeoutMs: 0 }) : undefined,
    ),
    fc.constant(() => call(methods.clear, { name })),
  );
  recounts(
    name,
    () => call(methods.open, { name, exclusive: false, order: 0 }),
    operation,
    () => sum(call(methods.peek, { name, count: 1000 }).values),
  );
});

it('counts the items of a queue that are delivered, until they are acknowledged', () => {
  const name = 'deliveries';
  const methods = QueueService.methods;
  let delivered: { token: number; value: Payload }[] = [];
  let waiting = 0;
  const held = (): number => waiting + sum(delivered.map(({ value }) => value));
  const operation = fc.oneof(
    payloads.map((values) => () => {
      call(methods.putMany, { name, values, each: [] });
      waiting += sum(values);
    }),
    payload.map((value) => () => {
      call(methods.put, { name, value, delayMs: 60_000 });
      waiting += value.length;
    }),
    fc.constant(() => {
      if (call(methods.peek, { name, count: 1 }).values.length === 0) return;
      const { items } = call(methods.deliver, { name, max: 2, timeoutMs: 0 });
      delivered.push(...items);
      waiting -= sum(items.map(({ value }) => value));
    }),
    fc.constant(() => {
      const item = delivered.pop();
      if (item) call(methods.ack, { name, token: item.token });
    }),
    fc.nat(1).map((rest) => () => {
      const item = delivered.pop();
      if (item === undefined) return;
      call(methods.nak, { name, token: item.token, delayMs: rest * 60_000 });
      waiting += item.value.length;
    }),
    fc.constant(() => {
      call(methods.clear, { name });
      waiting = 0;
    }),
  );
  const open = (): void => {
    [delivered, waiting] = [[], 0];
    call(methods.open, { name, exclusive: false, order: 0 });
  };
  recounts(name, open, operation, held);
});

it('counts the properties of a namespace', () => {
  const name = 'namespace';
  const methods = NamespaceService.methods;
  const operation = fc.oneof(
    fc.tuple(key, payload).map(
      ([property, value]) =>
        () =>
          call(methods.set, { name, property, value }),
    ),
    key.map((property) => () => call(methods.delete, { name, property })),
  );
  recounts(
    name,
    () => call(methods.open, { name, exclusive: false, initial: [] }),
    operation,
    () => call(methods.snapshot, { name }).properties.reduce((bytes, { property, value }) => bytes + property.length + value.length, 0),
  );
});

it('counts the value of a value', () => {
  const name = 'value';
  const methods = ValueService.methods;
  recounts(
    name,
    () => call(methods.open, { name, exclusive: false, initial: encodePayload('first') }),
    payload.map((value) => () => call(methods.set, { name, value })),
    () => call(methods.get, { name }).value.length,
  );
});

describe('the memory of an object', () => {
  const name = 'object';
  const used = (): number => engine.use.memory;

  /** Expects that `begin` takes as many more bytes than before, and that `end` frees them. */
  function takes<T>(bytes: number, begin: () => T, end: (begun: T) => void): void {
    const before = used();
    const begun = begin();
    expect(used()).toBe(before + bytes);
    end(begun);
    expect(used()).toBe(before);
  }

  it('has its name in it', () => {
    takes(
      OVERHEAD.object + 2 * 100,
      () => call(DictService.methods.open, { name: 'x'.repeat(100), exclusive: false }),
      () => call(ManagerService.methods.destroy, { name: 'x'.repeat(100), kind: '' }),
    );
  });

  it('has times to live in it, each once', () => {
    const { open, set, delete: remove, clear } = DictService.methods;
    const { expire } = ManagerService.methods;
    const value = encodePayload(1);
    call(open, { name, exclusive: false });
    call(set, { name, key: 'key', value });
    const lasting = (ttlMs?: number) => () => void call(set, { name, key: 'key', value, ttlMs });
    takes(OVERHEAD.expiry, lasting(60_000), lasting());
    takes(OVERHEAD.expiry, () => [1, 2, 3].forEach(lasting(60_000)), lasting());
    takes(
      OVERHEAD.expiry,
      () => call(expire, { name, kind: '', ttlMs: 60_000 }),
      () => call(expire, { name, kind: '' }),
    );
    for (const end of [() => call(remove, { name, key: 'other' }), () => call(clear, { name })]) {
      call(set, { name, key: 'other', value, ttlMs: 60_000 });
      end();
    }
    call(ManagerService.methods.destroy, { name, kind: '' });
    expect(used()).toBe(0);
  });

  it('has the objects in it to which its values refer, each once', () => {
    const { open, push, pop } = ListService.methods;
    const value = encodePayload(['~a', '~b', '~a', 'named'].map((name) => ({ [REFERENCE]: () => ({ kind: 'dict', name, address: '' }) })));
    call(open, { name, exclusive: false });
    takes(
      value.length + OVERHEAD.part + 2 * bytesOfReference('~a'),
      () => call(push, { name, values: [value] }),
      () => call(pop, { name }),
    );
  });

  it('has the holds of a lock, of permits and of deliveries in it', () => {
    const { methods: locks } = LockService;
    const { methods: semaphores } = SemaphoreService;
    const { methods: queues } = QueueService;
    call(locks.open, { name: 'lock', exclusive: false });
    takes(
      OVERHEAD.hold,
      () => call(locks.acquire, { name: 'lock' }),
      ({ token }) => call(locks.release, { name: 'lock', token }),
    );
    call(semaphores.open, { name: 'permits', exclusive: false, permits: 9 });
    takes(
      2 * OVERHEAD.hold,
      () => [1, 2].map(() => call(semaphores.acquire, { name: 'permits', permits: 1 })),
      (held) => held.forEach(({ token }) => call(semaphores.release, { name: 'permits', token })),
    );
    call(queues.open, { name: 'queue', exclusive: false, order: 0 });
    call(queues.putMany, { name: 'queue', each: [], values: [encodePayload(1), encodePayload(2)] });
    takes(
      2 * OVERHEAD.hold,
      () => call(queues.deliver, { name: 'queue', max: 2, timeoutMs: 0 }),
      ({ items }) => items.forEach(({ token }) => call(queues.nak, { name: 'queue', token, delayMs: 0 })),
    );
    call(locks.acquire, { name: 'lock' });
    call(semaphores.acquire, { name: 'permits', permits: 1 });
    call(queues.deliver, { name: 'queue', max: 2, timeoutMs: 0 });
    engine.turn(() => session.end());
    for (const each of ['lock', 'permits', 'queue']) call(ManagerService.methods.destroy, { name: each, kind: '' });
    expect(used()).toBe(0);
  });
});
