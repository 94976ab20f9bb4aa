import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { FIRST_RECORD, RECORD, RECORD_HEADER, recordSize, segmentHead, viewOf, writeHeader } from '../../server/log/segments/format.js';
import { checksum } from '../../server/log/segments/checksum.js';
import { SegmentStore } from '../../server/log/segments/segment-store.js';
import { Temporary } from '../support/daemon.js';
import { bytesOf, chunks, crashImage, recordsFrom, recover, SMALL_SEGMENTS } from '../support/log.js';
import { stress } from '../support/stress.js';

/** One size, so that each dropped segment is used again. */
const ONE_SIZE = { first: 8192, largest: 8192 };

test('a segment that a snapshot has replaced is used again', async () => {
  using directory = new Temporary();
  await using store = new SegmentStore(directory.path, { sizes: ONE_SIZE });
  const leader = await store.lead();
  const names = new Set<string>();
  for (let round = 1; round <= 8; round++) {
    await Promise.all(Array.from({ length: 30 }, () => leader.append(Buffer.alloc(200))));
    await leader.snapshot(leader.next - 1, chunks('state'));
    for (const name of readdirSync(directory.path)) names.add(name);
    expect(readdirSync(directory.path).length).toBeLessThan(12);
  }
  expect([...names].filter((name) => name.endsWith('.spare')).length).toBeGreaterThan(0);
  expect((await recordsFrom(store, leader.next)).length).toBe(0);
});

test('one spare is ready when a segment is nearly full', async () => {
  using directory = new Temporary();
  await using store = new SegmentStore(directory.path, { sizes: ONE_SIZE });
  const leader = await store.lead();
  for (let n = 1; n <= 16; n++) await leader.append(Buffer.alloc(200));
  const files = readdirSync(directory.path).filter((name) => /\.(log|spare)/.test(name));
  expect(files).toEqual(['00000001.log', expect.stringMatching(/^\d+\.spare$/)]);
});

test('whenever its process is killed, a log of used segments has the records that were appended, and no older ones', async () => {
  const round = fc.record({ lengths: fc.array(fc.nat(400), { minLength: 1, maxLength: 40 }), snapshot: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(round, { minLength: 4, maxLength: 12 }), async (rounds) => {
      using directory = new Temporary();
      await using store = new SegmentStore(directory.join('log'), { sizes: ONE_SIZE });
      const leader = await store.lead();
      const model: string[] = [];
      let covered = 0;
      for (const [index, { lengths, snapshot }] of rounds.entries()) {
        const texts = lengths.map((length) => `${index}`.padEnd(length, '.'));
        await Promise.all(texts.map((text) => leader.append(bytesOf(text))));
        model.push(...texts);
        if (snapshot) await leader.snapshot((covered = model.length), chunks('state'));
        const copy = directory.join(`copy-${index}`);
        crashImage(directory.join('log'), copy);
        const { records, last, torn } = recover(copy);
        expect([last, torn]).toEqual([model.length, 0]);
        expect(records).toEqual(model.slice(covered));
      }
    }),
    { numRuns: stress(8, 200) },
  );
});

test('bytes of users in a used segment do not pass for records', async () => {
  using directory = new Temporary();
  mkdirSync(directory.path, { recursive: true });
  // A spare file full of well-made records, by someone who knows all but the salt: wherever the log ends, the next one follows.
  const forged = new Uint8Array(SMALL_SEGMENTS.first);
  forged.set(segmentHead({ number: 1, first: 1, epoch: 1, salt: 0 }));
  const size = recordSize(0);
  for (let at = FIRST_RECORD, position = 1; at + size <= forged.length; at += size, position++) {
    const header = { kind: RECORD, length: 0, format: 1, position, epoch: 1, durable: position };
    writeHeader(forged, viewOf(forged), at, header, checksum(forged, 0, 0, 0), 0);
  }
  writeFileSync(directory.join('1.spare'), forged);
  const store = new SegmentStore(directory.path, { sizes: SMALL_SEGMENTS });
  const leader = await store.lead();
  for (const text of ['', 'mine', '']) await leader.append(bytesOf(text));
  expect(readdirSync(directory.path)).not.toContain('1.spare');
  expect(recover(directory.path)).toEqual({ records: ['', 'mine', ''], torn: 0, last: 3 });
  expect(RECORD_HEADER).toBe(size);
  await leader.release();
});
