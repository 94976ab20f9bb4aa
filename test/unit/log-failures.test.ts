import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import type { FailpointName } from '../../server/log/failpoint.js';
import { SegmentStore } from '../../server/log/segments/segment-store.js';
import { verify } from '../../server/log/segments/verify.js';
import type { LogWriting } from '../integration/programs/log-writer.js';
import { Temporary } from '../support/daemon.js';
import { recordsFrom, recover, SMALL_SEGMENTS, textOf } from '../support/log.js';
import { onSmallDisk, whyNoMounts } from '../support/mounts.js';
import { Program, type Exit } from '../support/program.js';
import { stress } from '../support/stress.js';

const WRITER = new URL('../integration/programs/log-writer.js', import.meta.url);
const HISTORY = { options: { sizes: SMALL_SEGMENTS }, appends: 120, length: 500, inFlight: 1, snapshotAfter: 30 };

function write(writing: LogWriting, failpoints = ''): Promise<Exit> {
  return Program.node(WRITER, [JSON.stringify(writing)], failpoints === '' ? {} : { COMMONHOLD_FAILPOINTS: failpoints }).exited;
}

/** The largest position in the lines that begin with a word; 0 if there is none. */
function latest(stdout: string, word: string): number {
  return Math.max(0, ...Array.from(stdout.matchAll(new RegExp(`^${word} (\\d+)`, 'gm')), ([, position]) => Number(position)));
}

/** Checks that a log has everything that its process said was durable, in order, and goes on. */
async function expectNothingLost(directory: string, { stdout }: Exit): Promise<void> {
  expect((await verify(directory)).damage).toBeUndefined();
  await using store = new SegmentStore(directory, { sizes: SMALL_SEGMENTS });
  const leader = await store.lead();
  const snapshot = await store.snapshot();
  const base = snapshot?.position ?? 0;
  expect(await textOf(snapshot)).toBe(base === 0 ? undefined : `state of ${base}`);
  expect(base).toBeGreaterThanOrEqual(latest(stdout, 'published'));
  const records = await recordsFrom(store, base + 1);
  expect(base + records.length).toBeGreaterThanOrEqual(latest(stdout, 'durable'));
  expect(records).toEqual(records.map((_, index) => `${base + index + 1}`.padEnd(HISTORY.length)));
  expect(await leader.append(Buffer.from('more'))).toBe(base + records.length + 1);
}

/** The places at which a process can be killed, and how often each is passed in HISTORY at least. */
const POINTS: [FailpointName, number][] = [
  ['log.write', 100],
  ['log.written', 100],
  ['log.flush', 100],
  ['log.flushed', 100],
  ['log.answer', 100],
  ['segment.prepare', 2],
  ['segment.switch', 3],
  ['segment.recycle', 2],
  ['snapshot.write', 12],
  ['snapshot.written', 3],
  ['snapshot.publish', 3],
  ['snapshot.published', 3],
];

describe.each(POINTS)('a process that is killed at %s', (point, passings) => {
  test('loses nothing that it said was durable', async () => {
    const kills = stress(1, Math.min(passings, 20));
    for (let kill = 1; kill <= kills; kill++) {
      using directory = new Temporary();
      const passing = Math.ceil((kill * passings) / (kills + 1));
      const exit = await write({ directory: directory.join('log'), ...HISTORY }, `${point}=kill@${passing}`);
      expect([point, passing, exit.signal]).toEqual([point, passing, 'SIGKILL']);
      await expectNothingLost(directory.join('log'), exit);
    }
  });
});

test.each(['log.written', 'log.flush', 'log.flushed', 'log.answer'])(
  'a record is not said to be durable before its flush and its answer: not at %s',
  async (point) => {
    using directory = new Temporary();
    const { stdout } = await write({ directory: directory.join('log'), ...HISTORY, appends: 10 }, `${point}=kill@5`);
    expect([latest(stdout, 'durable'), recover(directory.join('log')).last]).toEqual([4, 5]);
  },
);

describe('an error of the disk', () => {
  test.each([
    ['ENOSPC', 'log.write'],
    ['EIO', 'log.written'],
    ['EIO', 'log.flush'],
    ['ENOSPC', 'segment.switch'],
  ])('such as %s at %s rejects that append and all later ones, and says why', async (errno, point) => {
    using directory = new Temporary();
    const exit = await write({ directory: directory.join('log'), ...HISTORY, inFlight: 4 }, `${point}=${errno}@2`);
    expect([exit.code, exit.stdout]).toEqual([
      0,
      expect.stringMatching(new RegExp(`^failed LOG_FAILED .*${errno}.*\nread \\d+\ndone$`, 'm')),
    ]);
    expect(exit.stdout.match(/^durable/gm)?.length ?? 0).toBe(latest(exit.stdout, 'durable'));
    expect(latest(exit.stdout, 'durable')).toBeLessThan(HISTORY.appends);
    await expectNothingLost(directory.join('log'), exit);
  });

  test('also rejects the records in flight that are too large for the ring', async () => {
    using directory = new Temporary();
    const large: LogWriting = { directory: directory.path, options: HISTORY.options, appends: 8, length: 300_000, inFlight: 4 };
    const { code, stdout } = await write(large, 'log.flush=EIO@1');
    expect([code, stdout.match(/^durable/gm), stdout.includes('\nfailed LOG_FAILED')]).toEqual([0, null, true]);
  });

  test('while the next segment is prepared fails nothing', async () => {
    using directory = new Temporary();
    const exit = await write({ directory: directory.join('log'), ...HISTORY }, 'segment.prepare=ENOSPC@1');
    expect([exit.code, latest(exit.stdout, 'durable')]).toEqual([0, HISTORY.appends]);
    await expectNothingLost(directory.join('log'), exit);
  });

  test('in a snapshot leaves the log as it was', async () => {
    using directory = new Temporary();
    const exit = await write({ directory: directory.join('log'), ...HISTORY }, 'snapshot.write=ENOSPC@1');
    expect(exit.stdout).toMatch(/^failed ENOSPC /m);
    expect([latest(exit.stdout, 'durable'), latest(exit.stdout, 'published')]).toEqual([HISTORY.appends, 120]);
    await expectNothingLost(directory.join('log'), exit);
  });
});

test('a leader that resigns leaves the directory to the next one, also if its last flush fails', async () => {
  using directory = new Temporary();
  const program = new URL('../integration/programs/resigned-leader.js', import.meta.url);
  const { code, stdout } = await Program.node(program, [directory.join('log')]).exited;
  expect([code, stdout]).toEqual([0, '2\n']);
});

test('a disk that is full rejects appends, and loses nothing', async () => {
  const reason = whyNoMounts();
  if (reason !== undefined) return void process.stderr.write(`skipped: ${reason}\n`);
  using directory = new Temporary();
  const writing: LogWriting = {
    directory: directory.path,
    options: { sizes: SMALL_SEGMENTS },
    appends: 400,
    length: 500,
    inFlight: 2,
    twice: true,
  };
  const [command, parameters] = onSmallDisk(directory.path, 100, [execPath, fileURLToPath(WRITER), JSON.stringify(writing)]);
  const { code, stdout } = await new Program(command, parameters).exited;
  expect(code).toBe(0);
  expect(stdout).toMatch(/^failed LOG_FAILED .*ENOSPC/m);
  const next = Number(/^led 2 from (\d+)$/m.exec(stdout)?.[1]);
  expect(next).toBeGreaterThan(latest(stdout, 'durable'));
  expect(latest(stdout, 'read')).toBeGreaterThanOrEqual(latest(stdout, 'durable'));
});
