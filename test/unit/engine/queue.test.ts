import { describe, expect, jest, test } from '@jest/globals';
import type { CallContext, HandedOver } from '../../../proto/contract.js';
import {
  DeliveryLostError,
  InvalidArgumentError,
  LogFailedError,
  NotFoundError,
  QueueFullError,
  QueueShutDownError,
} from '../../../proto/errors.js';
import { Session } from '../../../engine/core/session.js';
import { QueueService, type ItemPlacing } from '../../../proto/gen/commonhold/v1/queue_wire.js';
import type { Payload } from '../../../proto/wire/values.js';
import { MemoryQueue } from '../../../engine/memory/objects/queue.js';
import { Keyspace } from '../../../engine/memory/lifetime/keyspace.js';
import type { NewPlacing, QueueSettings } from '../../../engine/memory/objects/queue-settings.js';
import { EngineWorld, payload } from '../../support/engine-world.js';
import { inTurns, realClock } from '../../support/turns.js';
import { GrowingNumbers } from '../../../engine/core/growing-numbers.js';

// Behaviour of a queue that a client cannot observe, or not reliably.

function contextOf(session: Session): CallContext & Pick<HandedOver, 'giveBack'> {
  return {
    session,
    readOnly: false,
    cancel: undefined,
    giveBack: () => {},
    handOver(handedOver) {
      this.giveBack = (taken, died) => handedOver.giveBack(taken, died);
    },
  };
}

/** Puts items, which all go in at once. */
function put(queue: MemoryQueue, values: readonly Payload[], placing: NewPlacing = {}): void {
  expect(queue.put({ values, placing, each: [] }, contextOf(new Session('putter')), 0)).toBe(0);
}

/** A queue of a keyspace of its own. */
function made(settings?: QueueSettings, its = clock): MemoryQueue {
  const make = (name: string, { histories }: Keyspace): MemoryQueue => new MemoryQueue(name, histories, settings);
  return inTurns(its, new Keyspace(its).obtain({ kind: 'queue', make }, 'queue'));
}

const clock = realClock();
const tokens = new GrowingNumbers(clock);
const DAY = 24 * 60 * 60 * 1000;

describe('a queue', () => {
  test('delivers at most a page of bytes at once, but one item of any size', () => {
    const context = contextOf(new Session('one'));
    const queue = made();
    const large = new Uint8Array(3 * 1024 * 1024);
    put(queue, [large, ...Array.from({ length: 8 }, () => new Uint8Array(200 * 1024))]);
    expect(queue.deliver(16, DAY, tokens, context, 0)).toHaveLength(1);
    expect(queue.deliver(16, DAY, tokens, context, 0)).toHaveLength(6);
    expect(queue.deliver(16, DAY, tokens, context, 0)).toHaveLength(2);
    queue.destroyed(() => new NotFoundError('destroyed'));
  });

  test('takes an unacknowledged answer’s delivery back uncounted, and only if it was not settled meanwhile', () => {
    const context = contextOf(new Session('one'));
    const queue = made();
    put(queue, ['a', 'b', 'c', 'd']);
    const delivered = queue.deliver(4, DAY, tokens, context, 0) as { token: number }[];
    queue.acknowledge(delivered[2]!.token);
    clock.turn(() => context.giveBack(1, true));
    expect(queue.peek(9)).toEqual(['b', 'd']);
    expect(() => queue.acknowledge(delivered[1]!.token)).toThrow(DeliveryLostError);
    expect(queue.deliver(9, DAY, tokens, context, 0)).toMatchObject([
      { item: { value: 'b', attempts: 1 } },
      { item: { value: 'd', attempts: 1 } },
    ]);
    queue.destroyed(() => new NotFoundError('destroyed'));
  });

  test('leaves nothing behind of a session whose deliveries ended', () => {
    const session = new Session('one');
    const context = contextOf(session);
    const queue = made();
    put(queue, ['a', 'b']);
    const delivered = queue.deliver(2, DAY, tokens, context, 0) as { token: number }[];
    expect(session.holds.size).toBe(2);
    queue.acknowledge(delivered[0]!.token);
    queue.giveBack(delivered[1]!.token, 0);
    expect(session.holds.size).toBe(0);
  });

  test('supports a delay longer than the longest timer', () => {
    jest.useFakeTimers();
    try {
      const queue = made({}, realClock());
      put(queue, ['a'], { delayMs: 40 * DAY });
      jest.advanceTimersByTime(39 * DAY);
      expect(queue.size).toBe(0);
      jest.advanceTimersByTime(DAY + 10);
      expect(queue.size).toBe(1);
    } finally {
      jest.useRealTimers();
    }
  });

  test('counts the ids and letters of items in a page, and lists no more than some thousands', () => {
    const world = new EngineWorld();
    const { open, putMany, items, deliver } = QueueService.methods;
    const long = (count: number): ItemPlacing[] => Array.from({ length: count }, (_, n) => ({ id: `${n}`.padStart(1024, '0') }));
    world.ask('a', open, { name: 'long' });
    world.ask('a', putMany, { name: 'long', values: Array.from({ length: 2000 }, () => payload(1)), each: long(2000) });
    const { items: page, total } = world.ask('a', items, { name: 'long', count: 2 ** 32 - 1 });
    expect(total).toBe(2000);
    expect(page.length).toBeLessThan(1024);
    expect(world.ask('a', deliver, { name: 'long', max: 2000 }).items.length).toBeLessThan(500);
    world.ask('a', putMany, { name: 'short', values: Array.from({ length: 12_000 }, () => payload(1)) });
    expect(world.ask('a', items, { name: 'short', count: 2 ** 32 - 1 })).toMatchObject({ total: 12_000, items: { length: 10_000 } });
    expect(world.ask('a', items, { name: 'short', start: 2 ** 32 - 1 })).toMatchObject({ total: 12_000, items: [] });
  });

  test('has times in its answers that a client can read, however long ago or far away they are', () => {
    const world = new EngineWorld();
    const { open, put, putMany, items } = QueueService.methods;
    const most = Number.MAX_SAFE_INTEGER;
    const letter = { queue: 'jobs', cause: 1, attempts: 1, deliveredAgoMs: most, diedAgoMs: most };
    world.ask('a', open, { name: 'dead' });
    world.ask('a', putMany, { name: 'dead', values: [payload(1)], each: [{ letter }], restores: true });
    world.ask('a', put, { name: 'dead', value: payload(2), delayMs: most });
    world.time.advance(1001);
    const [old] = world.ask('a', items, { name: 'dead' }).items;
    expect(old!.letter).toMatchObject({ deliveredAgoMs: most, diedAgoMs: most });
    const [delayed] = world.ask('a', items, { name: 'dead', state: 2 }).items;
    expect(delayed!.dueMs).toBeLessThanOrEqual(most);
  });

  test('keeps an item whose queue of dead letters is not there and cannot be made, because the manager only reads', () => {
    const world = new EngineWorld();
    const { open, put, deliver, size } = QueueService.methods;
    world.ask('a', open, { name: 'jobs', deadLetter: { queue: 'dead', maxDeliveries: 1 } });
    world.ask('a', put, { name: 'jobs', value: payload(1) });
    const id = world.call('b', deliver, { name: 'jobs', max: 1, leaseMs: 50 });
    world.acknowledge('b', id);
    world.engine.readOnly(new LogFailedError('the log has failed'));
    world.time.advance(100);
    expect(world.ask('a', size, { name: 'jobs' })).toEqual({ size: 1 });
  });

  test('reports if a number of items would go in at once', () => {
    const queue = made({ capacity: 3 });
    put(queue, ['a']);
    put(queue, ['b'], { delayMs: DAY });
    queue.assertPut(1, {});
    expect(() => queue.assertPut(2, {})).toThrow(QueueFullError);
    expect(() => queue.assertPut(1, { priority: 5 })).toThrow(InvalidArgumentError);
    queue.shutDown(false);
    expect(() => queue.assertPut(1, {})).toThrow(QueueShutDownError);
    queue.destroyed(() => new NotFoundError('destroyed'));
  });
});
