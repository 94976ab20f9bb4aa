import { readdirSync, statSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ClosedError, InvalidArgumentError, NotFoundError, OutOfRangeError, PayloadTooLargeError } from '../../proto/errors.js';
import { SegmentStore, type SegmentStoreOptions } from '../../server/log/segments/segment-store.js';
import { Temporary } from '../support/daemon.js';
import { bytesOf, chunks, recordsFrom, SMALL_SEGMENTS, textOf } from '../support/log.js';
import { stress } from '../support/stress.js';
import { until } from '../support/until.js';

const SMALL: SegmentStoreOptions = { sizes: SMALL_SEGMENTS };

/** A step of a random history: appends with these lengths, a snapshot, or a new leader. */
type Step = readonly number[] | 'snapshot' | 'reopen';

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.array(fc.oneof(fc.nat(300), fc.nat(30_000)), { maxLength: 30 }) },
    { weight: 1, arbitrary: fc.constant('snapshot' as const) },
    { weight: 1, arbitrary: fc.constant('reopen' as const) },
  ),
  { maxLength: 15 },
);

describe('a log', () => {
  test('has all records, in order, after any history of appends, snapshots and new leaders', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.constantFrom('sync', 'async', 'none'), async (history, policy) => {
        using directory = new Temporary();
        await using store = new SegmentStore(directory.join('log'), { ...SMALL, policy });
        const model: string[] = [];
        let snapshot = 0;
        let leader = await store.lead();
        for (const step of history) {
          if (step === 'reopen') {
            await leader.release();
            leader = await store.lead();
            expect([leader.torn, leader.next]).toEqual([undefined, model.length + 1]);
          } else if (step === 'snapshot') {
            if (model.length === snapshot) continue;
            snapshot = model.length;
            await leader.snapshot(snapshot, chunks(`state of ${snapshot}`));
          } else {
            const texts = step.map((length, index) => `${model.length + index}`.padEnd(length, '.'));
            const positions = await Promise.all(texts.map((text) => leader.append(bytesOf(text))));
            expect(positions).toEqual(texts.map((_, index) => model.length + index + 1));
            model.push(...texts);
          }
        }
        await leader.release();
        expect(await recordsFrom(store, snapshot + 1)).toEqual(model.slice(snapshot));
        expect(await textOf(await store.snapshot())).toBe(snapshot === 0 ? undefined : `state of ${snapshot}`);
      }),
      { numRuns: stress(10, 300) },
    );
  });

  test('gives each record its position, the epoch of its leader and the format of the engine', async () => {
    using directory = new Temporary();
    for (const format of [7, 65_535]) {
      await using store = new SegmentStore(directory.path, { ...SMALL, format });
      await (await store.lead()).append(bytesOf(`of ${format}`));
    }
    const found: unknown[] = [];
    for await (const { position, epoch, format } of new SegmentStore(directory.path).read(1)) found.push([position, epoch, format]);
    expect(found).toEqual([
      [1, 1, 7],
      [2, 2, 65_535],
    ]);
  });

  test('grows its epoch with each leader, also where none appended', async () => {
    using directory = new Temporary();
    await using store = new SegmentStore(directory.path, SMALL);
    for (const epoch of [1, 2, 3]) {
      const leader = await store.lead();
      expect(leader.epoch).toBe(epoch);
      await leader.release();
    }
  });

  test('keeps records that are larger than a segment, and bytes in shared memory', async () => {
    using directory = new Temporary();
    await using store = new SegmentStore(directory.path, SMALL);
    const leader = await store.lead();
    const shared = new Uint8Array(new SharedArrayBuffer(900_000)).fill(65);
    const large = Buffer.alloc(700_001, 'B');
    await Promise.all([
      leader.append(bytesOf('first')),
      leader.append(shared),
      leader.append(large.subarray(1)),
      leader.append(bytesOf('')),
    ]);
    const texts = await recordsFrom(store, 1);
    expect(texts).toEqual(['first', 'A'.repeat(900_000), 'B'.repeat(700_000), '']);
  });

  test('keeps appends in order that are more than its thread can take at once', async () => {
    using directory = new Temporary();
    for (const policy of ['sync', 'async'] as const) {
      await using store = new SegmentStore(directory.join(policy), { policy });
      const leader = await store.lead();
      const bytes = Buffer.alloc(200_000);
      const positions = await Promise.all(Array.from({ length: 60 }, () => leader.append(bytes)));
      expect(positions).toEqual(Array.from({ length: 60 }, (_, index) => index + 1));
      await leader.release();
      expect((await recordsFrom(store, 1)).length).toBe(60);
    }
  });

  test('refuses a record above its limit, and goes on', async () => {
    using directory = new Temporary();
    await using store = new SegmentStore(directory.path, SMALL);
    const leader = await store.lead();
    await expect(leader.append(new Uint8Array(store.recordLimit + 1))).rejects.toThrow(PayloadTooLargeError);
    expect(await leader.append(bytesOf('small'))).toBe(1);
  });

  test('refuses appends and snapshots after its release', async () => {
    using directory = new Temporary();
    const store = new SegmentStore(directory.path, SMALL);
    const leader = await store.lead();
    await leader.append(bytesOf('kept'));
    await store[Symbol.asyncDispose]();
    await expect(leader.append(bytesOf('late'))).rejects.toThrow(ClosedError);
    await expect(leader.publish(1)).rejects.toThrow(ClosedError);
  });

  test('can be opened by its owner alone', async () => {
    using directory = new Temporary();
    await using store = new SegmentStore(directory.join('new', 'log'), SMALL);
    const leader = await store.lead();
    await leader.append(bytesOf('secret'));
    await leader.snapshot(1, chunks('secret'));
    const modes = ['', ...readdirSync(directory.join('new', 'log'))].map(
      (name) => statSync(directory.join('new', 'log', name)).mode & 0o077,
    );
    expect(new Set(modes)).toEqual(new Set([0]));
  });

  test('that does not exist has no records and no snapshot, and is not made by reading', async () => {
    using directory = new Temporary();
    const store = new SegmentStore(directory.join('absent'));
    expect([await recordsFrom(store, 1), await store.snapshot()]).toEqual([[], undefined]);
    expect(readdirSync(directory.path)).toEqual([]);
  });
});

describe('a snapshot', () => {
  test('counts once it is published, and then replaces the records up to it', async () => {
    using directory = new Temporary();
    await using store = new SegmentStore(directory.path, SMALL);
    const leader = await store.lead();
    await Promise.all(Array.from({ length: 200 }, () => leader.append(Buffer.alloc(100, 'x'))));
    const segments = (): number => readdirSync(directory.path).filter((name) => name.endsWith('.log')).length;
    const before = segments();
    await new SegmentStore(directory.path, { format: 9 }).writeSnapshot(150, chunks('all', '', ' of it'));
    expect([await store.snapshot(), segments()]).toEqual([undefined, before]);
    await leader.publish(150);
    const published = await store.snapshot();
    expect([published?.position, published?.format, await textOf(published)]).toEqual([150, 9, 'all of it']);
    expect(segments()).toBeLessThan(before);
    expect((await recordsFrom(store, 151)).length).toBe(50);
    await expect(recordsFrom(store, 1)).rejects.toThrow(OutOfRangeError);
  });

  test('is kept in chunks, however large these are', async () => {
    using directory = new Temporary();
    await using store = new SegmentStore(directory.path, SMALL);
    const leader = await store.lead();
    await leader.append(bytesOf('x'));
    await leader.snapshot(1, chunks(Buffer.alloc(9_000_000, 'a'), 'b'));
    expect(await textOf(await store.snapshot())).toBe(`${'a'.repeat(9_000_000)}b`);
  });

  test('is removed when a later one is published', async () => {
    using directory = new Temporary();
    await using store = new SegmentStore(directory.path, SMALL);
    const leader = await store.lead();
    for (const position of [1, 2, 3]) {
      await leader.append(bytesOf('x'));
      await leader.snapshot(position, chunks(`${position}`));
    }
    expect(readdirSync(directory.path).filter((name) => name.includes('snapshot'))).toEqual(['3.snapshot']);
  });

  test('is refused if it was not written, is not later than the published one, or is ahead of the log', async () => {
    using directory = new Temporary();
    await using store = new SegmentStore(directory.path, SMALL);
    const leader = await store.lead();
    await leader.append(bytesOf('x'));
    await expect(leader.publish(1)).rejects.toThrow(NotFoundError);
    await expect(leader.snapshot(2, chunks('future'))).rejects.toThrow(InvalidArgumentError);
    await leader.snapshot(1, chunks('now'));
    await expect(leader.snapshot(1, chunks('again'))).rejects.toThrow(InvalidArgumentError);
    expect(await textOf(await store.snapshot())).toBe('now');
  });
});

describe('a reader', () => {
  test('gets all records while they are appended, in order and without gaps', async () => {
    using directory = new Temporary();
    await using store = new SegmentStore(directory.path, { ...SMALL, policy: 'none' });
    const leader = await store.lead();
    const count = stress(3000, 100_000);
    const appending = (async () => {
      for (let n = 1; n <= count; n++) await leader.append(bytesOf(`${n}`.padEnd(n % 500)));
    })();
    let seen = 0;
    await until('all records were read', async () => {
      for await (const { position, bytes } of store.read(seen + 1)) {
        expect(Number(Buffer.from(bytes).toString())).toBe(position);
        expect(position).toBe(++seen);
      }
      return seen === count;
    });
    await appending;
  });
});
