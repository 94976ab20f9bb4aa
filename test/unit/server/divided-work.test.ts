import { expect, test } from '@jest/globals';
import { setImmediate } from 'node:timers/promises';
import type { Steps } from '../../../engine/core/steps.js';
import { DividedWork } from '../../../server/traffic/divided-work.js';
import { Slices } from '../../../server/traffic/slices.js';

/** Steps that each take more than the slice of a turn. */
function* longSteps(count: number, step: () => void): Steps<void> {
  for (let n = 0; n < count; n++) {
    step();
    for (const ends = performance.now() + 3; performance.now() < ends;);
    yield;
  }
}

test('the event loop goes on between the steps of long work', async () => {
  const work = new DividedWork(new Slices());
  const events: string[] = [];
  const done = work.do(longSteps(5, () => events.push('step'))).then(() => events.push('done'));
  while (!events.includes('done')) {
    events.push('turn');
    await setImmediate();
  }
  await done;
  expect(events.filter((event) => event === 'step')).toHaveLength(5);
  expect(events.join(' ')).not.toContain('step step');
});

test('four works go on at the same time, and the others wait until one of them is over', async () => {
  const work = new DividedWork(new Slices());
  const began = new Set<number>();
  const order: number[] = [];
  const all = Array.from({ length: 6 }, (_, n) => work.do(longSteps(n === 2 ? 1 : 3, () => began.add(n))).then(() => order.push(n)));
  await all[2];
  expect([...began]).toEqual([0, 1, 2, 3]);
  await Promise.all(all);
  expect(order).toEqual([2, 0, 1, 3, 4, 5]);
});

test('work that throws rejects with its error, and lets the next one begin', async () => {
  const work = new DividedWork(new Slices());
  const broken = function* (): Steps<void> {
    yield;
    throw new Error('broken');
  };
  const all = Array.from({ length: 8 }, () => work.do(broken()));
  for (const each of all) await expect(each).rejects.toThrow('broken');
  await work.do(longSteps(1, () => {}));
});
