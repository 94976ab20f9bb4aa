import { expect } from '@jest/globals';
import { dictKind } from '../../../engine/shared/objects/dict.js';
import { checkHeap } from '../../support/shared-heap.js';
import { isWhole } from '../../support/whole.js';
import { KEYS, PASSING, PERMITS, PLAIN, TOGETHER } from './objects.js';
import type { Storm } from './storm.js';

/** Time within which a lock must be free for this thread, in milliseconds. */
const TIMEOUT = 10_000;

/** Expects a consistent state while no thread works: nothing is held, awaited or half done. Returns the number of leaked bytes. */
export function expectCalm(storm: Storm): number {
  expect(storm.complaints.splice(0)).toEqual([]);
  expect(storm.arena.stats().threads).toBe(1);
  for (const object of storm.engine.objects.all()) {
    expect([object.name, object.holders(), object.waiters]).toEqual([object.name, [], 0]);
  }
  // No guard, no half change, an owner for every promise and every hold, no block in two places.
  const lost = checkHeap(storm.engine);
  expectFree(storm);
  expectSound(storm);
  expectPassing(storm);
  return lost;
}

/** Each object that threads make and end exists, or can be made. */
function expectPassing({ engine: { objects } }: Storm): void {
  for (let i = 0; i < 4; i++) {
    const dict = objects.open(dictKind, `${PASSING}${i}`);
    for (const [, text] of dict.entries(PLAIN)) expect(isWhole(text)).toBe(true);
    dict.set('new', '1:b', PLAIN);
    expect(dict.get('new', PLAIN)).toBe('1:b');
    expect(objects.destroy(dict.name, 'dict')).toBe(true);
    expect(objects.any(dict.name)).toBeUndefined();
  }
}

/** Every lock can be taken, and the state that it guards is equal unless a holder was killed. */
function expectFree({ objects }: Storm): void {
  const { lock, left, right, rlock, inner, outer, condition, semaphore, bounded, barrier } = objects;
  const timeout = TIMEOUT;
  lock.sync.run(
    ({ abandoned }) => {
      if (!abandoned) expect(left.sync.get()).toBe(right.sync.get());
      left.sync.set(0, { timeout });
      right.sync.set(0, { timeout });
    },
    { timeout },
  );
  rlock.sync.run(
    ({ abandoned }) => {
      if (!abandoned) expect(inner.sync.get()).toBe(outer.sync.get());
      inner.sync.set(outer.sync.get(), { timeout });
    },
    { timeout },
  );
  condition.sync.run((held) => condition.sync.notifyAll(held), { timeout });
  for (const value of [objects.count, objects.text, left, right, inner, outer, objects.turn]) value.sync.lock({ timeout }).release();
  for (const array of [objects.same, objects.sums]) array.sync.lock({ timeout }).release();
  for (const each of [semaphore, bounded]) {
    expect(each.sync.available()).toBe(PERMITS);
    each.sync.acquire({ permits: PERMITS, timeout }).release();
  }
  expect(barrier.sync.waiting()).toBe(0);
}

/** Each value in a collection was put in as a whole. */
function expectSound({ objects }: Storm): void {
  const { text, same, bounds, queue, dict, counts, together, list, pairs } = objects;
  const texts = [text.sync.get(), ...bounds.sync.peek(100), ...dict.sync.toMap().values(), ...list.sync.toArray()];
  expect(texts.filter((each) => !isWhole(each))).toEqual([]);
  for (const known of dict.sync.toMap().keys()) expect(KEYS).toContain(known);
  for (const [known, count] of counts.sync.toMap()) expect([KEYS.includes(known), Number.isInteger(count)]).toEqual([true, true]);
  expect(new Set(same.sync.read()).size).toBe(1);
  const found = [...together.sync.toMap()];
  expect([0, TOGETHER.length]).toContain(found.length);
  expect(new Set(found.map(([, value]) => value)).size).toBeLessThanOrEqual(1);
  const [one, other, ...more] = pairs.sync.toArray();
  expect([other, more]).toEqual([one, []]);
  expectOrder(queue.sync.peek(1_000_000));
}

/** The items of each thread are in the order in which it put them, once, and without gaps except at the front. */
function expectOrder(items: readonly (readonly [thread: number, n: number, text: string])[]): void {
  const last = new Map<number, number>();
  for (const [thread, n, text] of items) {
    expect(isWhole(text)).toBe(true);
    const before = last.get(thread);
    if (before !== undefined && n !== before + 1) throw new Error(`item ${n} of thread ${thread} behind ${before}`);
    last.set(thread, n);
  }
}
