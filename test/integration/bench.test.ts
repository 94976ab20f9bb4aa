import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Manager } from 'commonhold';
import { collect } from '../conformance/support.js';
import { commonhold, Daemon, MAIN } from '../support/daemon.js';
import { Program } from '../support/program.js';
import { until } from '../support/until.js';

// `commonhold bench`, in a process of its own.

let daemon: Daemon;
let manager: Manager;

beforeAll(async () => {
  daemon = await Daemon.serve();
  manager = await Manager.connect(daemon.address);
});

afterAll(async () => {
  await manager.close();
  await daemon[Symbol.asyncDispose]();
});

test('measures a manager that runs', async () => {
  const before = (await manager.stats()).callsTotal;
  const { code, stdout, stderr } = await commonhold([
    'bench',
    ...['--address', daemon.address, '--json', '--seconds', '0.02', '--clients', '2', '--pipeline', '4'],
  ]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const rows = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, number | string>);
  expect(rows.map(({ workload, mode }) => `${workload}: ${mode}`)).toEqual(
    ['dict.get', 'dict.set', 'queue.put, get', 'lock.acquire, release'].flatMap((name) => [`${name}: awaited`, `${name}: pipelined`]),
  );
  for (const { clients, callsPerSecond, p50, p99, max } of rows) {
    expect(clients).toBe(2);
    expect(callsPerSecond).toBeGreaterThan(0);
    expect(p50).toBeGreaterThan(0);
    expect(p99).toBeGreaterThanOrEqual(p50 as number);
    expect(max).toBeGreaterThanOrEqual(p99 as number);
  }
  // Each measurement has made at least one step of each loop.
  expect((await manager.stats()).callsTotal - before).toBeGreaterThan(rows.length * 2);
});

test('starts a manager of its own if it is given none, whatever the environment says', async () => {
  const { code, stdout } = await commonhold(['bench', '--seconds', '0.01', '--pipeline', '2'], { COMMONHOLD_ADDRESS: 'unix:/nowhere' });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^WORKLOAD +MODE +CALLS\/S +P50 +P99 +MAX\ndict\.get +awaited +\d+ +[\d.]+ [µm]s /);
});

test('ends at an interrupt, and leaves nothing', async () => {
  const before = (await manager.stats()).callsTotal;
  const program = Program.node(MAIN, ['bench', '--address', daemon.address, '--seconds', '600']);
  await until('it measures', async () => (await manager.stats()).callsTotal > before + 2_000);
  const { code, stderr } = await program.kill('SIGINT');
  expect({ code, stderr }).toEqual({ code: 1, stderr: 'commonhold: SIGINT came before the end\n' });
  expect(await collect(manager.sessions())).toHaveLength(1);
  await until('its objects are gone', async () => (await collect(manager.objects())).length === 0);
});

test('refuses parameters with which there is nothing to measure', async () => {
  for (const flags of [
    ['--seconds', '0'],
    ['--clients', '0'],
    ['--pipeline', '0'],
  ]) {
    expect(await commonhold(['bench', ...flags])).toMatchObject({ code: 1, stderr: expect.stringContaining('give --seconds above 0') });
  }
});
