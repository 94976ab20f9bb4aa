import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Manager, ManagerUnavailableError } from 'commonhold';
import { Temporary } from '../support/daemon.js';
import { Program } from '../support/program.js';
import { isRunning, until } from '../support/until.js';

// Managers of a program itself with a data directory.

const PROGRAM = new URL('./programs/own-directory.js', import.meta.url);

let folder: Temporary;
let dataDir: string;

beforeEach(() => {
  folder = new Temporary();
  dataDir = folder.join('data');
});

afterEach(() => folder[Symbol.dispose]());

test.each([
  ['start', 'sync'],
  ['embed', 'sync'],
  ['embed', 'none'],
] as const)('Manager.%s({ dataDir, durability: %p }) goes on after kill -9 of its program', async (how, durability) => {
  await using program = Program.node(PROGRAM, [how, dataDir, durability]);
  const pid = Number((await program.said(/^manager (\d+)\n/m))[1]);
  await program.said(/^counted 20\n/m);
  const { stdout } = await program.kill('SIGKILL');
  await until('the manager has ended with its program', () => !isRunning(pid));
  await using manager = await Manager[how]({ dataDir, durability });
  const counts = await manager.list<number>('counts').toArray();
  expect(counts).toEqual([...counts.keys()]);
  // Without a wait for the disk, the end of the counts may be missing.
  if (durability === 'sync') expect(counts.length).toBeGreaterThan(Number(/counted (\d+)\n$/.exec(stdout)![1]));
});

test('Manager.start({ dataDir, durability: "none" }) goes on after its close() with all there was', async () => {
  {
    await using first = await Manager.start({ dataDir, durability: 'none' });
    await first.dict('dict').set('key', 'value');
  }
  await using second = await Manager.start({ dataDir, durability: 'none' });
  expect(await second.dict('dict').get('key')).toBe('value');
});

test.each(['start', 'embed'] as const)('Manager.%s() refuses a directory that another manager has, which goes on', async (how) => {
  await using first = await Manager.embed({ dataDir });
  const second = Manager[how]({ dataDir });
  await expect(second).rejects.toThrow(ManagerUnavailableError);
  await expect(second).rejects.toThrow(/another manager keeps its log in .*: stop it, or use another directory/);
  await first.dict('dict').set('key', 'value');
});

test('Manager.start({ dataDir }) goes on after kill -9 of its manager alone', async () => {
  await using first = await Manager.start({ dataDir });
  await first.dict('dict').set('key', 'value');
  const pid = first.daemonPid!;
  process.kill(pid, 'SIGKILL');
  await until('the manager has ended', () => !isRunning(pid));
  await using second = await Manager.start({ dataDir });
  expect(await second.dict('dict').get('key')).toBe('value');
});
