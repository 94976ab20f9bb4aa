import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bundled, type Bundled } from '../support/bundled.js';
import { stress } from '../support/stress.js';
import { expectCalm } from './storm/calm.js';
import { PERMITS } from './storm/objects.js';
import { Storm } from './storm/storm.js';

/** Number of threads that are killed between two checks. */
const BATCH = 50;
/** Most bytes that a killed thread may leak: the blocks it had just taken out, and had not freed yet. */
const LOST = 1024;
/** Bytes that may be lost besides, as one large object that is being freed. */
const ONCE = 64 * 1024;

let worker: Bundled;
beforeAll(async () => {
  worker = await bundled(new URL('./storm/worker.js', import.meta.url));
});
afterAll(() => worker.remove());

describe.each([
  ['WebAssembly', true, stress(16, 5000), stress(1, 6)],
  ['JavaScript', false, stress(8, 500), 1],
] as const)('threads that are killed anywhere, %s', (_name, wasm, kills, crowds) => {
  let storm: Storm;
  beforeAll(async () => {
    storm = await Storm.on(wasm, worker.file);
  });
  afterAll(() => storm.arena.close());

  /** Kills threads in batches, and expects after each that nothing is left of them. */
  async function weather(): Promise<void> {
    const before = storm.kills;
    let used = 0;
    for (let killed = 0; killed < kills; killed += BATCH) {
      await storm.kill(Math.min(BATCH, kills - killed));
      expect(expectCalm(storm)).toBeLessThan(LOST * storm.kills + ONCE);
      used = storm.arena.stats().used;
    }
    expect(storm.kills - before).toBe(kills);
    expect(used).toBeLessThan(64 * 1024 * 1024);
  }

  it('leave no lock, no permit, no promise and no half change behind', weather, 1_200_000);

  it('leave nothing behind, whatever their number', weather, 1_200_000);

  it('leave nothing in the way of a main thread that blocks meanwhile', async () => {
    const { lock, left, right, semaphore, bounded, condition, bounds } = storm.objects;
    const timeout = 120_000;
    for (let round = 0; round < crowds; round++) {
      const crowd = await storm.crowd();
      const ends = crowd.map((each) => storm.end(each));
      // From here on this thread gets no event of an end.
      lock.sync.run(() => [left, right].forEach((each) => each.sync.set(round, { timeout })), { timeout });
      left.sync.lock({ timeout }).release();
      for (const each of [semaphore, bounded]) each.sync.acquire({ permits: PERMITS, timeout }).release();
      condition.sync.run((held) => condition.sync.notifyAll(held), { timeout });
      bounds.sync.clear();
      bounds.sync.put('1:b', { timeout });
      expect(bounds.sync.get({ timeout })).toMatch(/^\d+:/);
      await Promise.all(ends);
      expectCalm(storm);
    }
  }, 1_200_000);
});
