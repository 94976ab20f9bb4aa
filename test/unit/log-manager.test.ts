import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Manager } from 'commonhold';
import { digest } from '../../engine/digest.js';
import { ENGINE_VERSION } from '../../engine/versions.js';
import { DamagedLogError } from '../../proto/errors.js';
import { LogReplay } from '../../server/log/log-replay.js';
import type { LogReader } from '../../server/log/log-store.js';
import { SegmentStore } from '../../server/log/segments/segment-store.js';
import { Daemon, Temporary } from '../support/daemon.js';
import { crashImage, endOfLog, flipBit, SMALL_SEGMENTS, zeroFrom } from '../support/log.js';
import { stress } from '../support/stress.js';

// A damaged log of a real manager leads to a state that the manager had, or is refused.

let log: Temporary;
/** Digests of the machine after each record; the first is that of the beginning. */
const digests: string[] = [];
/** The records. */
const records: Uint8Array[] = [];

/** Applies a log. Returns the number of its records, and the digest of the machine. */
async function applied(directory: string): Promise<readonly [records: number, digest: string]> {
  await using store = new SegmentStore(directory);
  const replay = await LogReplay.begin(store);
  await replay.applyRest(store);
  return [replay.position, digest(replay.machine.state())];
}

async function expectRecoveredOrRefused(directory: string, damage: string): Promise<void> {
  try {
    const [position, found] = await applied(directory);
    expect([damage, position, found]).toEqual([damage, position, digests[position]]);
  } catch (error) {
    if (!(error instanceof DamagedLogError)) throw error;
  }
}

beforeAll(async () => {
  log = new Temporary();
  await recordManager(log.join('real'));
  await using real = new SegmentStore(log.join('real'));
  const replay = await LogReplay.begin(real);
  digests.push(digest(replay.machine.state()));
  for await (const record of real.read(1)) {
    replay.apply(record);
    digests.push(digest(replay.machine.state()));
    records.push(Uint8Array.from(record.bytes));
  }
  // The same records in a segment of a few kilobytes, every bit of which can be tried.
  await using small = new SegmentStore(log.join('written'), { sizes: SMALL_SEGMENTS, format: ENGINE_VERSION });
  const leader = await small.lead();
  for (const record of records) await leader.append(record);
  crashImage(log.join('written'), log.join('small'));
});

afterAll(() => log[Symbol.dispose]());

/** Has a daemon keep a short history, and kills it. */
async function recordManager(directory: string): Promise<void> {
  await using daemon = await Daemon.serve(['--listen', '127.0.0.1:0', '--data-dir', directory]);
  const manager = await Manager.connect(daemon.address);
  const dict = manager.dict<string, number>('dict');
  await dict.set('key', 1, { ttl: 3_600_000 });
  await manager.lock('lock').acquire();
  await manager.queue('queue').put('item');
  await dict.add('key', 1);
  await daemon.program.kill('SIGKILL');
  await manager.close();
}

test('whole, it leads to the state after its last record', async () => {
  expect(records.length).toBeGreaterThan(4);
  expect(await applied(log.join('small'))).toEqual([records.length, digests.at(-1)]);
});

describe('it leads to a state that the manager had, or is refused', () => {
  test('if the writes of its last three records are torn at any byte', async () => {
    const { file, offset } = endOfLog(log.join('small'));
    const path = log.join('small', file);
    const bytes = readFileSync(path);
    const torn = records.slice(-3).reduce((sum, record) => sum + record.length + 64, 0);
    for (let length = offset - torn; length < offset; length++) {
      zeroFrom(path, bytes, length);
      const [position, found] = await applied(log.join('small'));
      expect([length, position, found]).toEqual([length, position, digests[position]]);
      expect(position).toBeGreaterThanOrEqual(records.length - 4);
    }
    zeroFrom(path, bytes, bytes.length);
  });

  test('if any of its bits is flipped', async () => {
    const { file, offset } = endOfLog(log.join('small'));
    const path = log.join('small', file);
    const step = stress(41, 1);
    for (let bit = 0; bit < offset * 8; bit += step) {
      const flipBack = flipBit(path, bit);
      await expectRecoveredOrRefused(log.join('small'), `bit ${bit}`);
      flipBack();
    }
  });
});

test('a snapshot of the right checksum that is damaged leads to a machine, or is refused', async () => {
  await using store = new SegmentStore(log.join('real'));
  const replay = await LogReplay.begin(store);
  await replay.applyRest(store);
  const bytes = await wholeOf(replay.chunks());
  const began = (changed: Uint8Array): Promise<LogReplay> => LogReplay.begin(snapshotReader(replay.position, changed));
  expect(digest((await began(bytes)).machine.state())).toBe(digests.at(-1));
  const refused = new Set<string>();
  for (let at = 0; at < bytes.length; at += stress(7, 1)) {
    const changed = Uint8Array.from(bytes);
    changed[at]! ^= 1 << (at % 8);
    await began(changed).catch((error: unknown) => {
      if (!(error instanceof DamagedLogError)) throw error;
      refused.add(error.message.split(':')[0]!);
    });
  }
  expect([...refused].sort()).toEqual(['the snapshot cannot be read', 'the snapshot cannot be restored']);
});

async function wholeOf(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(Uint8Array.from(chunk));
  return Buffer.concat(parts);
}

/** A log that has a snapshot alone. */
function snapshotReader(position: number, bytes: Uint8Array): LogReader {
  return {
    async snapshot() {
      return { position, format: ENGINE_VERSION, chunks: chunksOf(bytes) };
    },
    async *read() {},
  };
}

async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
