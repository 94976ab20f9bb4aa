import { create, toBinary } from '@bufbuild/protobuf';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Manager } from '../../client/index.js';
import { DictServiceSizeRequestSchema, type ConnectResponse } from 'commonhold/proto';
import { openStore } from '../../server/log/open-store.js';
import { recordsFrom } from '../support/log.js';
import { Daemon, Temporary } from '../support/daemon.js';
import { RawSession } from '../support/raw-session.js';

// Reads of a daemon with a data directory: they leave before it is kept that they were made.

/** Reads that are awaited one by one. */
const READS = 200;

let folder: Temporary;
let daemon: Daemon;
let manager: Manager;

beforeEach(async () => {
  folder = new Temporary();
  daemon = await started();
  manager = await Manager.connect(daemon.address, { lease: 120_000 });
});

afterEach(async () => {
  await manager.close();
  await daemon[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

function started(...flags: string[]): Promise<Daemon> {
  return Daemon.serve(['--listen', `unix:${folder.join('socket')}`, '--data-dir', folder.join('data'), ...flags]);
}

async function killed(): Promise<void> {
  await daemon.program.kill('SIGKILL');
}

async function recordCount(): Promise<number> {
  await using store = openStore(folder.join('data'));
  return (await recordsFrom(store, 1)).length;
}

test('reads that are awaited one by one do not go to the disk one by one', async () => {
  const dict = manager.dict<string, number>('dict');
  await dict.set('key', 1);
  for (let i = 0; i < READS; i++) await dict.get('key');
  await killed();
  expect(await recordCount()).toBeLessThan(READS / 2);
  daemon = await started();
});

test('a session goes on although the manager has forgotten the reads that it answered last', async () => {
  const dict = manager.dict<string, number>('dict');
  const resumed = new Promise<void>((resolve) => manager.on('resumed', resolve));
  await dict.set('key', 0);
  for (let i = 1; i <= 20; i++) {
    expect(await dict.get('key')).toBe(i - 1);
    await dict.set('key', i);
    expect(await Promise.all([dict.get('key'), dict.has('other'), dict.get('key')])).toEqual([i, false, i]);
  }
  await killed();
  // They take the ids of the next calls, if answers to forgotten reads did not keep theirs.
  const later = [dict.add('count', 1), dict.get('key'), dict.add('count', 1), dict.has('key')];
  daemon = await started();
  expect(await Promise.all(later)).toEqual([1, 20, 2, true]);
  await resumed;
  expect(await dict.toMap()).toEqual(
    new Map([
      ['key', 20],
      ['count', 2],
    ]),
  );
});

test('a read that finds a change comes after the change is kept', async () => {
  const dict = manager.dict<string, number>('dict');
  await using other = await Manager.connect(daemon.address);
  let known = 0;
  const writing = (async () => {
    for (let i = 1; ; i++) await dict.set('key', i);
  })().catch(() => {});
  while (known < 20) known = (await other.dict<string, number>('dict').get('key')) ?? 0;
  await killed();
  daemon = await started();
  await using reader = await Manager.connect(daemon.address);
  expect(await reader.dict<string, number>('dict').get('key')).toBeGreaterThanOrEqual(known);
  await manager.close();
  await writing;
});

test('an object that a read has handed over is kept for the session', async () => {
  const dict = manager.dict('dict');
  const writer = await Manager.connect(daemon.address);
  const list = writer.list<string>();
  await list.push('item');
  await writer.dict('dict').set('list', list);
  const found = (await dict.get('list')) as typeof list;
  await killed();
  daemon = await started();
  await writer.dict('dict').delete('list');
  await writer.close();
  expect(await found.toArray()).toEqual(['item']);
});

describe('a client that understands early frames', () => {
  const hello = { leaseMs: 10_000, early: true };
  /** A request for one dict, whose only field is its name. */
  const request = toBinary(DictServiceSizeRequestSchema, create(DictServiceSizeRequestSchema, { name: 'dict' }));
  let raw: Awaited<ReturnType<typeof RawSession.open>>;

  /** Makes calls in one frame, and returns the last frame with answers: a busy manager may take several turns for them. */
  const answerTo = async (...names: string[]): Promise<ConnectResponse | undefined> => {
    raw.send({ calls: names.map((name, index) => ({ id: index + 1, method: raw.index(`DictService/${name}`), request })) });
    for (let answered = 0; ;) {
      const frame = await raw.receive();
      answered += frame?.answers.length ?? names.length;
      if (answered === names.length) return frame;
    }
  };

  beforeEach(async () => {
    raw = await RawSession.open(daemon.address, { hello });
  });

  afterEach(() => raw[Symbol.asyncDispose]());

  test('gets answers to reads early, and hears with the next frame that its frames have arrived', async () => {
    expect(raw.welcome.early).toBe(true);
    expect(await answerTo('Clear')).toMatchObject({ early: false, received: 1n });
    expect(await answerTo('Size')).toMatchObject({ early: true, received: 0n });
    expect(await answerTo('Size', 'Size')).toMatchObject({ early: true, received: 0n });
    expect(await answerTo('Clear')).toMatchObject({ early: false, received: 4n });
  });

  test('gets an answer to a read late that has made an object, or comes with a change', async () => {
    expect(await answerTo('Size')).toMatchObject({ early: false });
    expect(await answerTo('Size', 'Clear')).toMatchObject({ early: false });
    expect(await answerTo('Size')).toMatchObject({ early: true });
  });

  test('hears at times that its frames have arrived, although it only reads', async () => {
    await answerTo('Clear');
    const calls = Array.from({ length: 500 }, () => 'Size');
    const frames = [];
    for (let i = 0; i < 20; i++) frames.push((await answerTo(...calls))!);
    const late = frames.filter(({ early }) => !early);
    expect(late.length).toBeGreaterThan(0);
    expect(late.length).toBeLessThan(frames.length / 2);
    expect(late.every(({ received }) => received > 0n)).toBe(true);
  });

  test('gets none where nothing waits for the disk, and no other client gets any', async () => {
    await using other = await RawSession.open(daemon.address, { hello: { leaseMs: 10_000 } });
    expect(other.welcome.early).toBe(false);
    await daemon.stop();
    daemon = await started('--durability', 'async');
    await using later = await RawSession.open(daemon.address, { hello });
    expect(later.welcome.early).toBe(false);
  });
});
