import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { Manager } from '../../client/index.js';
import type { Job, Worked } from '../../examples/jobs/work.js';
import { Daemon, Temporary } from '../support/daemon.js';
import { Program } from '../support/program.js';
import { until } from '../support/until.js';

// The job runner of the examples, in several processes: one is killed with a job, and the manager under all of them.

const RUNNER = new URL('../../examples/jobs/runner.js', import.meta.url);
const COUNT = 60;

let folder: Temporary;
let daemon: Daemon;
let manager: Manager;

beforeAll(async () => {
  folder = new Temporary();
  daemon = await started();
  manager = await Manager.connect(daemon.address, { lease: 120_000 });
});

afterAll(async () => {
  await manager.close();
  await daemon[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

function started(): Promise<Daemon> {
  return Daemon.serve(['--listen', `unix:${folder.join('socket')}`, '--data-dir', folder.join('data')]);
}

test('a job runner of at most 30 lines does each job, through deaths of a worker and of the manager', async () => {
  const source = readFileSync(new URL('../../../examples/jobs/runner.ts', import.meta.url), 'utf8');
  expect(source.trim().split('\n').length).toBeLessThanOrEqual(30);

  const runners = [1, 2, 3].map(() => Program.node(RUNNER, [], { COMMONHOLD_ADDRESS: daemon.address }));
  const worked = manager.list<Worked>('worked');
  await until('all runners', async () => (await manager.stats()).sessions === 4 && (await worked.length()) > 0);

  const jobs = manager.queue<Job>('jobs');
  const begin = performance.now();
  const all = Array.from({ length: COUNT }, (_, at): Job => ({ task: at % 10 === 3 ? 'shaky' : at % 10 === 7 ? 'bad' : 'good', at }));
  await jobs.putMany(all, { id: ({ at }) => `job ${at}` });
  // While a job waits or is worked on, it is not put again.
  await jobs.put({ task: 'stuck', at: COUNT }, { id: 'stuck', head: true });
  const pid = await manager.queue<number>('stuck').get();
  expect(await jobs.put({ task: 'stuck', at: COUNT }, { id: 'stuck' })).toBe(false);
  await runners.find((runner) => runner.pid === pid)!.kill('SIGKILL');

  await daemon.program.kill('SIGKILL');
  daemon = await started();
  const failed = manager.queue<Job>('failed');
  const done = async (): Promise<Worked[]> => (await worked.toArray()).filter(({ task }) => task !== 'tick');
  await until('all jobs', async () => (await failed.size()) === COUNT / 10 && (await done()).length >= COUNT - COUNT / 10 + 1);

  // Each job was done or is a dead letter, and the pace was kept: at most 10 in 50 ms.
  expect(new Set([...(await done()), ...(await failed.peek(COUNT))].map(({ at }) => at)).size).toBe(COUNT + 1);
  expect(performance.now() - begin).toBeGreaterThanOrEqual((COUNT / 10 - 1) * 50);
  for (const { task, attempts } of await done()) {
    if (task !== 'good') expect(attempts).toBeGreaterThanOrEqual(2);
  }
  for (const { value, letter } of await failed.items()) {
    expect(letter).toMatchObject({ queue: 'jobs', id: `job ${value.at}`, attempts: 3 });
  }
  // A restart of the manager may end the last delivery of a bad job before its nak, but not of all of them.
  expect((await failed.items()).map(({ letter }) => letter!.reason)).toContain('job 57 is bad');

  const ticks = (await worked.toArray()).filter(({ task }) => task === 'tick').map(({ at }) => at);
  expect(new Set(ticks).size).toBe(ticks.length);
  for (const at of ticks) expect((at - ticks[0]!) % 50).toBe(0);

  await jobs.shutdown();
  const ends = await Promise.all(runners.map((runner) => runner.exited));
  expect(ends.filter(({ code }) => code === 0)).toHaveLength(2);
});
