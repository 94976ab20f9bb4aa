import { afterAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ValueCodec } from '../../../engine/shared/memory/cells.js';
import { queueKind, queueOf, type SharedMemoryQueue } from '../../../engine/shared/objects/queue.js';
import { decodeOpaque, encodePayload } from '../../../proto/codec/payload.js';
import { InvalidArgumentError, QueueEmptyError, QueueFullError, QueueShutDownError, TimeoutError } from '../../../proto/errors.js';
import { expectEqualHeaps } from '../../support/equal-heaps.js';
import { checkHeap, newArena } from '../../support/shared-heap.js';
import { stress } from '../../support/stress.js';

const CODEC: ValueCodec = { encode: encodePayload, decode: (payload) => decodeOpaque(payload).value, plain: true };
/** A codec that must see all values. */
const CHECKED: ValueCodec = { ...CODEC, plain: false };

type Operation =
  | { do: 'put' | 'tryPut'; value: unknown; codec: ValueCodec }
  | { do: 'putMany' | 'giveBack'; values: unknown[]; codec: ValueCodec }
  | { do: 'get' | 'tryGet'; codec: ValueCodec }
  | { do: 'getMany' | 'peek'; count: number; codec: ValueCodec }
  | { do: 'taskDone'; count: number }
  | { do: 'clear' | 'join' | 'drain' | 'drop' };

const value: fc.Arbitrary<unknown> = fc.oneof(
  fc.integer(),
  fc.constantFrom<unknown>(-0, NaN, 1n, null, true, 'häßlich', 'Ω'.repeat(40), 'long '.repeat(2500), new Uint8Array(300), [1, 2], { a: 1 }),
  fc.string({ maxLength: 140 }),
  fc.uint8Array({ maxLength: 140 }),
);
const values = fc.array(value, { minLength: 1, maxLength: 70, size: 'max' });
const codec = fc.constantFrom(CODEC, CHECKED);
const count = fc.integer({ min: 1, max: 80 });
const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constantFrom('put' as const, 'tryPut' as const), value, codec }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom('get' as const, 'tryGet' as const), codec }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('putMany' as const), values, codec }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('giveBack' as const), values, codec }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('getMany' as const, 'peek' as const), count, codec }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('taskDone' as const), count: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('clear' as const, 'join' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('drain' as const, 'drop' as const, 'join' as const, 'join' as const) }) },
);

const arenas = [newArena(true), newArena(false)] as const;
afterAll(() => arenas.forEach((arena) => arena.close()));

/** Runs an operation without waiting, and returns its result. */
function run(queue: SharedMemoryQueue, operation: Operation): unknown {
  switch (operation.do) {
    case 'put':
      queue.put(operation.value, operation.codec, 0);
      return undefined;
    case 'tryPut':
      return queue.tryPut(operation.value, operation.codec);
    case 'putMany':
      queue.putMany(operation.values, operation.codec, 0);
      return undefined;
    case 'giveBack':
      queue.giveBack(operation.values.map(encodePayload));
      return undefined;
    case 'get':
      return queue.get(operation.codec, 0);
    case 'tryGet':
      return queue.tryGet(operation.codec);
    case 'getMany':
      return queue.getMany(operation.count, operation.codec, 0);
    case 'peek':
      return queue.peek(operation.count, operation.codec);
    case 'taskDone':
      queue.taskDone(operation.count);
      return undefined;
    case 'clear':
      return queue.clear();
    case 'join':
      queue.join(0);
      return undefined;
    default:
      queue.shutdown(operation.do === 'drop');
      return undefined;
  }
}

/** A queue modelled by an Array. */
class Model {
  items: unknown[] = [];
  #unfinished = 0;
  #ending: 'drain' | 'drop' | undefined;

  constructor(private readonly capacity: number) {}

  run(operation: Operation): unknown {
    switch (operation.do) {
      case 'put':
        return this.#put([operation.value]);
      case 'tryPut':
        return attempt(() => this.#put([operation.value])) instanceof QueueFullError ? false : this.#ending === undefined || this.#put([]);
      case 'putMany':
        return this.#put(operation.values);
      case 'giveBack':
        if (this.#ending === 'drop') this.#finish(operation.values.length);
        else this.items.unshift(...operation.values);
        return undefined;
      case 'get':
        return this.#take(1)[0];
      case 'tryGet':
        return this.items.length === 0 && this.#ending === undefined ? undefined : this.#take(1)[0];
      case 'getMany':
        return this.#take(operation.count);
      case 'peek':
        return this.items.slice(0, operation.count);
      case 'taskDone':
        if (operation.count > this.#unfinished) throw new InvalidArgumentError('');
        this.#finish(operation.count);
        return undefined;
      case 'clear':
        return this.#clear();
      case 'join':
        if (this.#unfinished > 0) throw new TimeoutError('');
        return undefined;
      case 'drop':
        this.#ending = 'drop';
        this.#clear();
        return undefined;
      case 'drain':
        this.#ending ??= 'drain';
        return undefined;
    }
  }

  #put(values: unknown[]): true | undefined {
    if (this.#ending !== undefined) throw new QueueShutDownError('');
    const room = this.capacity === 0 ? Infinity : Math.max(this.capacity - this.items.length, 0);
    const accepted = Math.min(values.length, room);
    this.items.push(...values.slice(0, accepted));
    this.#unfinished += accepted;
    if (accepted < values.length) throw new QueueFullError('', { accepted });
    return undefined;
  }

  #take(most: number): unknown[] {
    if (this.items.length > 0) return this.items.splice(0, most);
    throw this.#ending === undefined ? new QueueEmptyError('') : new QueueShutDownError('');
  }

  #clear(): number {
    const cleared = this.items.splice(0).length;
    this.#finish(cleared);
    return cleared;
  }

  #finish(count: number): void {
    this.#unfinished = Math.max(this.#unfinished - count, 0);
  }
}

/** The result of a function, or the error that it throws. */
function attempt(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}

/** The code of an error; any other result as it is. */
function told(outcome: unknown): unknown {
  return outcome instanceof Error ? [outcome.constructor, (outcome as QueueFullError).accepted ?? 0] : outcome;
}

test('a queue does the same as an Array, and both kernels leave the same bytes', () => {
  let runs = 0;
  const property = fc.property(
    fc.array(operation, { minLength: 1, maxLength: 80 }),
    fc.constantFrom(0, 1, 3, 8, 50),
    (operations, capacity) => {
      const name = `queue ${runs++}`;
      const queues = arenas.map(({ objects }) => objects.create(queueKind, { name }, queueOf(objects.surroundings, capacity)).object);
      const model = new Model(capacity);
      for (const operation of operations) {
        const expected = told(attempt(() => model.run(operation)));
        for (const queue of queues) {
          expect(told(attempt(() => run(queue, operation)))).toEqual(expected);
          expect(queue.size).toBe(model.items.length);
        }
      }
      expectEqualHeaps(arenas, name, 'queue');
    },
  );
  fc.assert(property, { numRuns: stress(40, 150) });
});

test('a value that cannot be encoded, or does not fit, leaves nothing behind', () => {
  for (const wasm of [true, false]) {
    const arena = newArena(wasm, 1 << 20);
    const queue = arena.objects.open(queueKind, 'queue');
    const long = 'x'.repeat(2 ** 21);
    queue.putMany(['a first item', 'a second item'], CODEC, 0);
    expect(() => queue.putMany(['a third item', Symbol('none')], CODEC, 0)).toThrow(/symbol/);
    expect(() => queue.put(Symbol('none'), CODEC, 0)).toThrow(/symbol/);
    expect(() => queue.putMany(['a third item', long], CODEC, 0)).toThrow(/full/);
    expect(() => queue.put(long, CODEC, 0)).toThrow(/full/);
    expect(queue.getMany(9, CODEC, 0)).toEqual(['a first item', 'a second item']);
    expect(checkHeap(arena)).toBe(0);
    arena.close();
  }
});

test('several large items are taken a MiB at a time', () => {
  const arena = newArena(true);
  const queue = arena.objects.open(queueKind, 'queue');
  const item = new Uint8Array(300_000);
  queue.putMany(Array(10).fill(item), CODEC, 0);
  expect(queue.getMany(10, CODEC, 0)).toHaveLength(4);
  expect(queue.size).toBe(6);
  arena.close();
});
