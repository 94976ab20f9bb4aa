import fc from 'fast-check';
import { CancelledError, toWire } from '../../proto/errors.js';
import { ArrayService } from '../../proto/gen/commonhold/v1/array_wire.js';
import { AtomicService } from '../../proto/gen/commonhold/v1/atomic_wire.js';
import { BarrierService } from '../../proto/gen/commonhold/v1/barrier_wire.js';
import { ConditionService } from '../../proto/gen/commonhold/v1/condition_wire.js';
import { DictService } from '../../proto/gen/commonhold/v1/dict_wire.js';
import { EventService } from '../../proto/gen/commonhold/v1/event_wire.js';
import { HomeService } from '../../proto/gen/commonhold/v1/home_wire.js';
import { ListService } from '../../proto/gen/commonhold/v1/list_wire.js';
import { LockService } from '../../proto/gen/commonhold/v1/lock_wire.js';
import { ManagerService } from '../../proto/gen/commonhold/v1/manager_wire.js';
import { NamespaceService } from '../../proto/gen/commonhold/v1/namespace_wire.js';
import { ObjectService } from '../../proto/gen/commonhold/v1/object_wire.js';
import { PathService } from '../../proto/gen/commonhold/v1/path_wire.js';
import { PipeService } from '../../proto/gen/commonhold/v1/pipe_wire.js';
import { QueueService } from '../../proto/gen/commonhold/v1/queue_wire.js';
import { RLockService } from '../../proto/gen/commonhold/v1/rlock_wire.js';
import { RWLockService } from '../../proto/gen/commonhold/v1/rwlock_wire.js';
import { SemaphoreService } from '../../proto/gen/commonhold/v1/semaphore_wire.js';
import type { Kind } from '../../proto/gen/commonhold/v1/services_wire.js';
import { SetService } from '../../proto/gen/commonhold/v1/set_wire.js';
import { ValueService } from '../../proto/gen/commonhold/v1/value_wire.js';
import type { Method } from '../../proto/wire/codec.js';
import { encodeMessage } from '../../proto/wire/message.js';
import { Writer } from '../../proto/wire/writer.js';
import { payload, reference, type EngineWorld } from './engine-world.js';

/** One event of a history. Choices by number are of what the history has led to by then. */
export interface Step {
  /** Position in the history, which is also the id of the call, so that it stays the same if another step is left out. */
  readonly id: number;
  readonly happen: Happening;
}

type Happening =
  | { readonly call: Method; readonly session: string; readonly request: object }
  | { readonly advance: number }
  /** Time that goes on without a tick, so that timers fire at the beginning of the next turn. */
  | { readonly lag: number }
  /** The number of a recent call, counted from the latest. */
  | { readonly cancel: number }
  | { readonly acknowledge: number; readonly count: number | undefined }
  | { readonly end: string }
  | { readonly complete: number }
  /** A start of the manager that many milliseconds later, which gives higher numbers from then on. */
  | { readonly restarted: number };

export const SESSIONS = ['a', 'b', 'c', 'unary'];
/** Few, so that calls meet. */
const value = fc.constantFrom(payload(1), payload(2), payload('text'), reference('~list'));
const values = fc.array(value, { maxLength: 3 });
const key = fc.constantFrom<string | number | Uint8Array>('k', 1, NaN, Buffer.from('k'));
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined });
const itemId = fc.constantFrom('i', 'j');
const ms = fc.constantFrom(1, 10, 20, 1_000);
const timeoutMs = fc.oneof(maybe(ms), fc.constant(0));
const priority = maybe(fc.constantFrom(-1, 0, 1));
const owner = maybe(fc.constantFrom('o', 'o/p', 'q'));
/** Modes of a rwlock, by their numbers in the contract. */
const [READ, WRITE] = [1, 2];
const mode = fc.constantFrom(READ, WRITE);
/** Number of a recent token, revision or page token, counted from the latest; replaced by it when the call is made. */
const recent = fc.nat(4);

type Field = fc.Arbitrary<unknown>;
type Row = [Method, Record<string, Field>];

/** A method, the object that it is called on, and its fields. */
const row = (method: Method, name: string | undefined, fields: Record<string, Field> = {}): Row => [
  method,
  name === undefined ? fields : { name: fc.constant(name), ...fields },
];
const mutex = (service: typeof LockService | typeof RLockService | typeof ConditionService, name: string) => [
  row(service.methods.acquire, name, { timeoutMs, leaseMs: maybe(ms), owner }),
  row(service.methods.acquire, name, { owner, priority }),
  row(service.methods.release, name, { token: recent }),
  row(service.methods.extend, name, { token: recent, leaseMs: ms }),
  row(service.methods.holder, name),
];
const offered = {
  method: ValueService.methods.open.name,
  request: encodeMessage(new Writer(), ValueService.methods.open.input, { name: 'home', exclusive: false, initial: payload(1) }),
};
/** Its calls go on in the manager if the home ends. */
const offeredQueue = {
  method: QueueService.methods.open.name,
  request: encodeMessage(new Writer(), QueueService.methods.open.input, { name: 'home queue', exclusive: false, order: 0 }),
};

/** The fields of a call of a path, of which some meet. */
const place = {
  key: fc.constantFrom('k', 1),
  path: fc.array(fc.constantFrom('p', 'q', 0), { maxLength: 2 }),
  // Half of them unfenced, because most fences are stale.
  fence: fc.option(recent, { nil: undefined, freq: 1 }),
};
const reading = { key: place.key, path: place.path };
const nested = fc.constantFrom(
  payload({ p: [1, 2], q: { p: 1 } }),
  payload([1, ['text']]),
  payload(new Map<string, unknown>([['p', new Set([1, 2])]])),
  payload(new Set([1])),
  reference('~list'),
);
const delta = fc.constantFrom(payload(1), payload(2n));
const path = (method: Method, fields: Record<string, Field> = {}): Row => row(method, 'dict', { ...place, ...fields });

const batchDict = fc.constantFrom('dict', 'new dict');
const operation = fc.oneof(
  fc.record({ dictSet: fc.record({ name: batchDict, key, value, ttlMs: maybe(ms) }) }),
  fc.record({ dictDelete: fc.record({ name: batchDict, key }) }),
  fc.record({ dictAdd: fc.record({ name: batchDict, key, delta, ttlMs: maybe(ms), refresh: maybe(fc.boolean()) }) }),
  fc.record({ dictAddMany: fc.record({ name: batchDict, deltas: fc.array(fc.record({ key, value: delta }), { maxLength: 2 }) }) }),
  fc.record({ dictTouch: fc.record({ name: batchDict, key, ttlMs: maybe(ms) }) }),
  fc.record({ dictTtl: fc.record({ name: batchDict, key }) }),
  fc.record({ listPush: fc.record({ name: fc.constant('list'), values }) }),
  fc.record({ queuePut: fc.record({ name: fc.constant('queue'), value, id: maybe(itemId), delayMs: maybe(ms) }) }),
  fc.record({ valueSet: fc.record({ name: fc.constant('value'), value }) }),
  fc.record({ valueAdd: fc.record({ name: fc.constant('value'), delta }) }),
);
const opening = fc.oneof(
  fc.record({ dict: fc.record({ name: fc.constant('new dict'), maxEntries: maybe(fc.constant(1)) }) }),
  fc.record({ list: fc.record({ name: fc.constantFrom('list', '~list') }) }),
  fc.record({ queue: fc.record({ name: fc.constant('queue'), capacity: fc.constant(2), order: fc.constant(1) }) }),
  fc.record({ value: fc.record({ name: fc.constant('value'), initial: delta }) }),
);
const check = fc.oneof(
  fc.record({ name: fc.constant('dict'), key, expected: maybe(value) }),
  fc.record({ name: fc.constant('value'), expected: maybe(value) }),
);

/** Groups of calls that are no kind. */
type Group = 'anonymous' | 'batches' | 'home' | 'paths';

/** The calls of each kind, and of each group. */
export const KIND_CALLS = {
  dict: [
    row(DictService.methods.set, 'dict', { key, value, ttlMs: maybe(ms) }),
    row(DictService.methods.add, 'dict', { key, delta: fc.constant(payload(1)), ttlMs: maybe(ms), refresh: maybe(fc.boolean()) }),
    row(DictService.methods.getOrInsert, 'dict', { key, value, ttlMs: maybe(ms), refresh: maybe(fc.boolean()) }),
    row(DictService.methods.touch, 'dict', { key, ttlMs: maybe(ms) }),
    row(DictService.methods.ttl, 'dict', { key }),
    row(DictService.methods.open, 'bounded', { maxEntries: fc.constant(2) }),
    row(DictService.methods.set, 'bounded', { key, value, ttlMs: maybe(ms) }),
    row(DictService.methods.get, 'bounded', { key }),
    row(DictService.methods.watch, 'bounded', { watch: fc.nat(1), from: recent }),
    row(DictService.methods.delete, 'dict', { key }),
    row(DictService.methods.popItem, 'dict'),
    row(DictService.methods.get, 'dict', { key }),
    row(DictService.methods.scan, 'dict', { pageSize: fc.constant(1), pageToken: fc.constant('') }),
    row(DictService.methods.clear, 'dict'),
    row(DictService.methods.watch, 'dict', { key: maybe(key), watch: fc.nat(1), end: fc.boolean(), from: maybe(recent), timeoutMs }),
    row(DictService.methods.watch, 'dict', { watch: fc.nat(1), from: recent, follow: maybe(fc.boolean()) }),
    row(ManagerService.methods.destroy, 'dict'),
  ],
  list: [
    row(ListService.methods.push, 'list', { values }),
    row(ListService.methods.shift, 'list'),
    row(ListService.methods.reverse, 'list'),
    row(ListService.methods.scan, 'list', { pageSize: fc.constant(1), pageToken: fc.constant('') }),
    row(ListService.methods.scan, 'list', { pageSize: fc.constant(1), pageToken: recent, leave: fc.boolean() }),
    row(ListService.methods.watch, 'list', { watch: fc.nat(1), from: maybe(recent), timeoutMs, follow: maybe(fc.boolean()) }),
  ],
  set: [
    row(SetService.methods.add, 'set', { values }),
    row(SetService.methods.delete, 'set', { values }),
    row(SetService.methods.pop, 'set'),
    row(SetService.methods.snapshot, 'set'),
  ],
  namespace: [
    row(NamespaceService.methods.set, 'namespace', { property: fc.constantFrom('k', 'l'), value }),
    row(NamespaceService.methods.delete, 'namespace', { property: fc.constantFrom('k', 'l') }),
    row(NamespaceService.methods.snapshot, 'namespace'),
  ],
  array: [
    row(ArrayService.methods.open, 'array', { type: fc.constant('i32'), length: fc.constant(2) }),
    row(ArrayService.methods.set, 'array', { index: fc.nat(2), value, timeoutMs, owner }),
    row(ArrayService.methods.lock, 'array', { timeoutMs, leaseMs: maybe(ms), owner }),
    row(ArrayService.methods.unlock, 'array', { token: recent }),
    row(ArrayService.methods.read, 'array'),
  ],
  value: [
    row(ValueService.methods.open, 'value', { initial: value }),
    row(ValueService.methods.set, 'value', { value, timeoutMs, owner, fence: maybe(recent) }),
    row(ValueService.methods.get, 'value'),
    row(ValueService.methods.lock, 'value', { timeoutMs, leaseMs: maybe(ms), owner }),
    row(ValueService.methods.unlock, 'value', { token: recent, value: maybe(value) }),
    row(ValueService.methods.watch, 'value', { from: maybe(recent), timeoutMs, follow: maybe(fc.boolean()) }),
    row(ManagerService.methods.destroy, 'value'),
  ],
  queue: [
    row(QueueService.methods.open, 'queue', {
      capacity: fc.constant(2),
      order: fc.constantFrom(1, 2, 3),
      deadLetter: maybe(fc.constant({ queue: 'letters', maxDeliveries: 2 })),
      rate: maybe(fc.constant({ max: 2, perMs: 10 })),
    }),
    row(QueueService.methods.putMany, 'queue', { values, timeoutMs, priority: maybe(fc.nat(2)), delayMs: maybe(ms) }),
    row(QueueService.methods.put, 'queue', { value, timeoutMs, id: itemId, head: maybe(fc.boolean()) }),
    row(QueueService.methods.putMany, 'queue', {
      values: fc.constant([payload(1), payload(2)]),
      timeoutMs,
      each: fc.array(fc.record({ id: maybe(itemId), delayMs: maybe(ms) }), { minLength: 2, maxLength: 2 }),
    }),
    row(QueueService.methods.putMany, 'queue', { values, fence: maybe(recent) }),
    row(QueueService.methods.putMany, 'queue', { values, restores: fc.constant(true), attempts: fc.nat(2), delayMs: maybe(ms) }),
    row(QueueService.methods.getMany, 'queue', { max: fc.constantFrom(1, 2), timeoutMs }),
    row(QueueService.methods.get, 'queue'),
    row(QueueService.methods.deliver, 'queue', { max: fc.constantFrom(1, 2), timeoutMs, leaseMs: maybe(ms) }),
    row(QueueService.methods.ack, 'queue', { token: recent }),
    row(QueueService.methods.nak, 'queue', { token: recent, delayMs: fc.constantFrom(0, 10), reason: maybe(fc.constant('why')) }),
    row(QueueService.methods.items, 'queue', { state: fc.nat(3), start: fc.nat(1) }),
    row(QueueService.methods.cancel, 'queue', { id: itemId }),
    row(QueueService.methods.move, 'queue', { id: itemId, delayMs: maybe(ms), head: maybe(fc.boolean()) }),
    row(QueueService.methods.pause, 'queue'),
    row(QueueService.methods.resume, 'queue'),
    row(QueueService.methods.resume, 'queue'),
    row(QueueService.methods.requeue, 'letters', { max: maybe(fc.constant(1)) }),
    row(QueueService.methods.items, 'letters'),
    row(QueueService.methods.join, 'queue', { timeoutMs }),
    row(QueueService.methods.taskDone, 'queue'),
    row(QueueService.methods.watch, 'queue', { from: maybe(recent), timeoutMs, follow: maybe(fc.boolean()) }),
    row(QueueService.methods.shutdown, 'queue', { immediate: fc.boolean() }),
    row(QueueService.methods.clear, 'queue'),
    row(QueueService.methods.deliver, 'letters', { max: fc.constantFrom(1, 2), timeoutMs, leaseMs: maybe(ms) }),
    row(QueueService.methods.get, 'letters', { timeoutMs }),
    row(QueueService.methods.shutdown, 'letters', { immediate: fc.boolean() }),
  ],
  pipe: [
    row(PipeService.methods.open, 'pipe', { capacity: fc.constant(2), end: maybe(fc.nat(1)) }),
    row(PipeService.methods.send, 'pipe', { end: fc.nat(1), message: value, timeoutMs }),
    row(PipeService.methods.send, 'pipe', { end: fc.nat(1), message: value, restores: fc.constant(true) }),
    row(PipeService.methods.receive, 'pipe', { end: fc.nat(1), max: fc.constantFrom(1, 2), timeoutMs }),
    row(PipeService.methods.poll, 'pipe', { end: fc.nat(1), timeoutMs }),
    row(PipeService.methods.close, 'pipe', { end: fc.nat(1) }),
  ],
  lock: [...mutex(LockService, 'lock'), ...mutex(LockService, 'lock 2')],
  rlock: mutex(RLockService, 'rlock'),
  rwlock: [
    row(RWLockService.methods.acquire, 'rwlock', { mode, timeoutMs, leaseMs: maybe(ms), owner, priority }),
    row(RWLockService.methods.acquire, 'rwlock', { mode, owner }),
    row(RWLockService.methods.acquire, 'rwlock', { mode: fc.constant(READ), owner }),
    row(RWLockService.methods.acquire, 'rwlock 2', { mode, owner }),
    row(RWLockService.methods.release, 'rwlock', { token: recent }),
    row(RWLockService.methods.release, 'rwlock 2', { token: recent }),
    row(RWLockService.methods.extend, 'rwlock', { token: recent, leaseMs: ms }),
    row(RWLockService.methods.holders, 'rwlock'),
  ],
  condition: [
    row(ConditionService.methods.open, 'condition', { lock: maybe(fc.constant('lock')) }),
    row(ConditionService.methods.open, 'condition', { rlock: fc.constant('rlock') }),
    row(RLockService.methods.acquire, 'rlock', { owner, leaseMs: maybe(ms) }),
    row(LockService.methods.acquire, 'lock', { owner, leaseMs: maybe(ms) }),
    row(LockService.methods.release, 'lock', { token: recent }),
    row(RLockService.methods.release, 'rlock', { token: recent }),
    ...mutex(ConditionService, 'condition'),
    row(ConditionService.methods.wait, 'condition', { token: recent, timeoutMs }),
    row(ConditionService.methods.wait, 'condition', { token: fc.constant(0) }),
    row(ConditionService.methods.notify, 'condition', { token: recent, count: maybe(fc.nat(2)) }),
    row(ConditionService.methods.notifyAll, 'condition', { token: recent }),
  ],
  semaphore: [
    row(SemaphoreService.methods.open, 'semaphore', { permits: fc.constant(2), bounded: fc.boolean() }),
    row(SemaphoreService.methods.acquire, 'semaphore', { permits: fc.constantFrom(1, 2), timeoutMs, leaseMs: maybe(ms), priority }),
    row(SemaphoreService.methods.consume, 'semaphore', { permits: fc.constantFrom(1, 2), timeoutMs, priority }),
    row(SemaphoreService.methods.release, 'semaphore', { token: recent }),
    row(SemaphoreService.methods.add, 'semaphore', { permits: fc.constant(1) }),
    row(SemaphoreService.methods.available, 'semaphore'),
  ],
  event: [
    row(EventService.methods.set, 'event'),
    row(EventService.methods.clear, 'event'),
    row(EventService.methods.wait, 'event', { timeoutMs }),
    row(EventService.methods.watch, 'event', { from: maybe(recent), timeoutMs, follow: maybe(fc.boolean()) }),
  ],
  barrier: [
    row(BarrierService.methods.open, 'barrier', { parties: fc.constant(2), timeoutMs: maybe(ms) }),
    row(BarrierService.methods.wait, 'barrier', { timeoutMs, hasAction: fc.boolean() }),
    row(BarrierService.methods.wait, 'barrier', { hasAction: fc.boolean() }),
    row(BarrierService.methods.release, 'barrier', { token: recent }),
    row(BarrierService.methods.fail, 'barrier', { token: recent, message: fc.constantFrom('', 'm') }),
    row(BarrierService.methods.abort, 'barrier'),
    row(BarrierService.methods.reset, 'barrier'),
  ],
  object: [
    row(ObjectService.methods.open, 'object', { type: fc.constant('Machine'), arguments: fc.constant([]) }),
    row(ObjectService.methods.call, 'object', { member: fc.constant('add'), arguments: fc.constant([payload(1)]), timeoutMs }),
    row(ObjectService.methods.call, 'object', { member: fc.constant('later'), arguments: fc.constant([payload(1)]), timeoutMs }),
    row(ObjectService.methods.call, 'object', { member: fc.constantFrom('copy', 'self'), arguments: fc.constant([]), timeoutMs }),
    row(ObjectService.methods.call, '~1', { member: fc.constantFrom('copy', 'self', 'later'), arguments: fc.constant([]), timeoutMs }),
    row(ListService.methods.push, 'list', { values }),
    row(ManagerService.methods.dismiss, '~1', { received: maybe(fc.nat(3)) }),
  ],
  anonymous: [
    row(ListService.methods.open, '~list'),
    row(ListService.methods.push, '~list', { values }),
    row(ListService.methods.push, 'list', { values }),
    row(ListService.methods.clear, 'list'),
    row(ListService.methods.slice, 'list'),
    row(ManagerService.methods.claim, '~list'),
    row(ManagerService.methods.dismiss, '~list', { received: maybe(fc.nat(3)) }),
  ],
  home: [
    row(HomeService.methods.offer, undefined, { open: fc.constant(offered) }),
    row(HomeService.methods.next, undefined),
    row(HomeService.methods.backup, 'home', { calls: fc.constant([offered]) }),
    row(HomeService.methods.leave, undefined),
    row(HomeService.methods.answer, undefined, {
      answers: fc
        .tuple(fc.nat(4), value)
        .map(([id, value]) => [{ id, response: encodeMessage(new Writer(), ValueService.methods.get.output, { value }) }]),
    }),
    row(HomeService.methods.answer, undefined, { answers: fc.nat(4).map((id) => [{ id, error: toWire(new CancelledError('no')) }]) }),
    row(HomeService.methods.offer, undefined, { open: fc.constant(offeredQueue) }),
    row(HomeService.methods.backup, 'home queue', { calls: fc.constant([offeredQueue]) }),
    row(HomeService.methods.withdraw, 'home'),
    row(QueueService.methods.get, 'home queue', { timeoutMs }),
    row(QueueService.methods.deliver, 'home queue', { timeoutMs, max: fc.constant(1) }),
    row(QueueService.methods.put, 'home queue', { value, timeoutMs, delayMs: maybe(ms) }),
    row(ValueService.methods.watch, 'home', { from: maybe(recent), timeoutMs, follow: maybe(fc.boolean()) }),
    row(ValueService.methods.get, 'home'),
    row(ManagerService.methods.describe, 'home'),
  ],
  paths: [
    row(DictService.methods.set, 'dict', { key: place.key, value: nested, ttlMs: maybe(ms) }),
    row(DictService.methods.get, 'dict', { key: place.key }),
    row(DictService.methods.watch, 'dict', { watch: fc.nat(1), from: maybe(recent), timeoutMs }),
    row(ValueService.methods.open, 'value', { initial: value }),
    row(ValueService.methods.lock, 'value', { timeoutMs, leaseMs: maybe(ms), owner }),
    row(ValueService.methods.unlock, 'value', { token: recent }),
    row(PathService.methods.get, 'dict', reading),
    row(PathService.methods.has, 'dict', reading),
    row(PathService.methods.size, 'dict', reading),
    row(PathService.methods.keys, 'dict', reading),
    row(PathService.methods.includes, 'dict', { ...reading, value }),
    path(PathService.methods.set, { value: nested }),
    path(PathService.methods.delete),
    path(PathService.methods.getOrInsert, { value: nested }),
    path(PathService.methods.add, { delta }),
    path(PathService.methods.compareAndSet, { expected: maybe(value), next: maybe(nested) }),
    path(PathService.methods.assign, {
      entries: fc.array(fc.record({ key: fc.constantFrom('p', 'q'), value: nested }), { maxLength: 2 }),
    }),
    path(PathService.methods.push, { values }),
    path(PathService.methods.pop, { index: maybe(fc.integer({ min: -1, max: 1 })) }),
    path(PathService.methods.insert, { index: fc.integer({ min: -1, max: 1 }), values }),
    path(PathService.methods.remove, { value }),
    path(PathService.methods.addMembers, { values }),
  ],
  batches: [
    ...Array.from({ length: 6 }, () =>
      row(AtomicService.methods.commit, undefined, {
        checks: fc.array(check, { maxLength: 1 }),
        operations: fc.array(operation, { maxLength: 3 }),
        openings: fc.array(opening, { maxLength: 2 }),
      }),
    ),
    row(DictService.methods.watch, 'dict', { watch: fc.nat(1), from: maybe(recent), timeoutMs, follow: maybe(fc.boolean()) }),
    row(DictService.methods.get, 'new dict', { key }),
    row(ListService.methods.shift, 'list'),
    row(QueueService.methods.get, 'queue', { timeoutMs }),
    row(ValueService.methods.open, 'value', { initial: value }),
    row(ValueService.methods.lock, 'value', { timeoutMs, leaseMs: maybe(ms), owner }),
    row(ValueService.methods.unlock, 'value', { token: recent }),
  ],
} satisfies Record<Kind | Group, Row[]>;

/** Histories of calls of these kinds, and of everything else that happens to an engine. */
export function histories(kinds: readonly (keyof typeof KIND_CALLS)[], maxLength: number): fc.Arbitrary<Step[]> {
  const names = kinds.flatMap((kind) => KIND_CALLS[kind]).map(([, fields]) => fields['name']);
  const calls = [
    ...kinds.flatMap((kind): Row[] => KIND_CALLS[kind]),
    row(ManagerService.methods.destroy, undefined, { name: fc.oneof(...names.filter((name) => name !== undefined)) }),
    row(ManagerService.methods.expire, undefined, { name: fc.oneof(...names.filter((name) => name !== undefined)), ttlMs: maybe(ms) }),
  ].map(([call, fields]) => fc.record({ call: fc.constant(call), session: fc.constantFrom(...SESSIONS), request: fc.record(fields) }));
  const happening: fc.Arbitrary<Happening> = fc.oneof(
    { weight: 14, arbitrary: fc.oneof(...calls) },
    { weight: 2, arbitrary: fc.record({ advance: fc.oneof(ms, fc.constantFrom(500, 2_000, 60_000)) }) },
    { weight: 1, arbitrary: fc.record({ lag: ms }) },
    { weight: 1, arbitrary: fc.record({ cancel: fc.nat(4) }) },
    { weight: 3, arbitrary: fc.record({ acknowledge: fc.nat(4), count: maybe(fc.nat(2)) }) },
    { weight: 1, arbitrary: fc.record({ end: fc.constantFrom(...SESSIONS) }) },
    { weight: 1, arbitrary: fc.record({ complete: fc.nat(1) }) },
    { weight: 1, arbitrary: fc.record({ restarted: ms }) },
  );
  return fc.array(happening, { maxLength }).map((all) =>
    all.map((happen, index) => {
      const id = index + 1;
      return { id, happen, [fc.toStringMethod]: () => shown(id, happen) };
    }),
  );
}

function shown(id: number, happen: Happening): string {
  const what = 'call' in happen ? { ...happen, call: happen.call.name.replace('commonhold.v1.', '') } : happen;
  return `${id}: ${JSON.stringify(what)}`;
}

/** Lets a step happen in a world. */
export function take(world: EngineWorld, step: Step): void {
  chosen(world, step)(world);
}

/** Makes the choices of a step by the history of one world, and returns the step for any world. */
export function chosen(by: EngineWorld, { id, happen }: Step): (world: EngineWorld) => void {
  if ('call' in happen) {
    const request = resolved(by, happen.request);
    return (world) => void world.call(happen.session, happen.call, request, undefined, id);
  }
  if ('advance' in happen) return (world) => world.time.advance(happen.advance);
  if ('lag' in happen) return (world) => void (world.time.time += happen.lag);
  if ('end' in happen) return (world) => world.end(happen.end);
  if ('complete' in happen) return (world) => world.complete(happen.complete, { value: 1 });
  if ('restarted' in happen) return (world) => world.engine.pass(world.clock.wallTime + happen.restarted);
  const { session, id: call } = by.calls.at(-1 - ('cancel' in happen ? happen.cancel : happen.acknowledge)) ?? { session: 'a', id: 0 };
  if ('cancel' in happen) return (world) => world.cancel(session, call);
  return (world) => world.acknowledge(session, call, happen.count);
}

/** Puts recent tokens and revisions into a request that chose some by number. */
function resolved(world: EngineWorld, request: object): object {
  const fields: Record<string, unknown> = { ...request };
  if (typeof fields['token'] === 'number') fields['token'] = latest(world.told('token'), fields['token']) ?? 1;
  if (typeof fields['fence'] === 'number') fields['fence'] = { name: 'value', token: latest(world.told('token'), fields['fence']) ?? 1 };
  if (typeof fields['from'] === 'number') fields['from'] = latest(world.told('revision'), fields['from']) ?? 1;
  if (typeof fields['pageToken'] === 'number') fields['pageToken'] = latest(world.told('nextPageToken'), fields['pageToken']) ?? '1.1';
  return fields;
}

function latest(all: readonly unknown[], back: number): unknown {
  return all.at(-1 - (back % Math.max(all.length, 1)));
}
