import { describe, expect, test } from '@jest/globals';
import { Manager } from '../../client/index.js';
import { ENGINE_VERSION } from '../../engine/versions.js';
import { SegmentStore } from '../../server/log/segments/segment-store.js';
import { dumpOf, goldenLogs, TYPES, unpack, withoutTimes } from '../golden/golden.js';
import { commonhold, Daemon, Temporary } from '../support/daemon.js';

// Logs of the versions that have been released, which this version goes on from.

test('this version has a golden log', () => {
  expect(goldenLogs()).toContain(`engine-${ENGINE_VERSION}`);
});

describe.each(goldenLogs())('the log of %s', (name) => {
  test('is sound, and leads to the same state', async () => {
    using folder = new Temporary();
    unpack(name, folder.join('data'));
    expect(await commonhold(['doctor', folder.join('data')])).toMatchObject({ code: 0 });
    const { code, stdout } = await commonhold(['dump', '--data-dir', folder.join('data')]);
    expect(code).toBe(0);
    expect(withoutTimes(stdout)).toBe(withoutTimes(dumpOf(name)));
  });

  test('is gone on from', async () => {
    using folder = new Temporary();
    unpack(name, folder.join('data'));
    await using daemon = await Daemon.serve(['--listen', '127.0.0.1:0', '--data-dir', folder.join('data'), '--register', TYPES]);
    await using manager = await Manager.connect(daemon.address);
    const accounts = ['first account', 'second account'].map((account) => manager.object<{ balance(): number }>('Account', account));
    expect(await Promise.all(accounts.map((account) => account.balance()))).toEqual([5, 5]);
    // Its session has ended with the process that wrote the log.
    expect((await manager.lock('second lock').acquire()).abandoned).toBe(true);
    const parts = manager.dict('parts');
    await parts.set('later', true);
    expect(await parts.size()).toBe(3);
  });
});

test('a log of a version that this one does not know is refused, and says what to do', async () => {
  using folder = new Temporary();
  await using store = new SegmentStore(folder.join('data'), { format: ENGINE_VERSION + 1 });
  const leader = await store.lead();
  await leader.append(new Uint8Array(1));
  await leader.release();
  const { code, stderr } = await commonhold(['serve', '--listen', '127.0.0.1:0', '--data-dir', folder.join('data')]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/record 1 was written by version \d+ of the engine, and this is version \d+: with that release, write a dump/);
});
