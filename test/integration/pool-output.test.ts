import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { InvalidArgumentError, Manager, type Pool, type PoolOutput } from 'commonhold';
import { until } from '../support/until.js';
import type * as talking from './programs/talking.js';

// Output of a pool's workers as events.

type Talking = typeof talking;
const MODULE = new URL('./programs/talking.js', import.meta.url);

let manager: Manager;

beforeAll(async () => {
  manager = await Manager.embed();
});
afterAll(async () => {
  await manager.close();
});

function started(
  kind: 'processes' | 'threads',
  how: 'nothing' | 'throws later' | 'leaves a child' = 'nothing',
): [Pool<Talking>, PoolOutput[]] {
  const pool = manager.pool<Talking>(MODULE, { [kind]: 1, output: 'lines', initializer: [how] });
  const output: PoolOutput[] = [];
  pool.on('output', (line) => output.push(line));
  return [pool, output];
}

function linesOf(output: readonly PoolOutput[], stream = 'stdout'): string[] {
  return output.filter((each) => each.stream === stream).map(({ line }) => line);
}

async function ended(pool: Pool<Talking>): Promise<void> {
  await pool.close();
  await pool.join();
}

describe.each(['processes', 'threads'] as const)('the output of %s', (kind) => {
  test('comes line by line, with its worker and its stream, whole when the worker has ended', async () => {
    const [pool, output] = started(kind);
    await pool.apply('first\nsec', 'a warning\n');
    await pool.apply('ond\r\n\nünïcödé ✓\n');
    const [worker] = pool.stats.workers;
    await ended(pool);
    expect(linesOf(output)).toEqual(['first', 'second', '', 'ünïcödé ✓', 'the end']);
    expect(linesOf(output, 'stderr')).toEqual(['a warning']);
    for (const each of output) expect(each.worker).toMatchObject({ name: worker!.name, pid: worker!.pid, threadId: worker!.threadId });
  });

  test('comes in parts if its lines are long', async () => {
    const [pool, output] = started(kind);
    await pool.apply('x'.repeat(1_000_000));
    await ended(pool);
    const lines = linesOf(output);
    expect(lines.join('')).toBe(`${'x'.repeat(1_000_000)}the end`);
    expect(Math.max(...lines.map(({ length }) => length))).toBe(65_536);
  });

  test('has the error that ends a worker between its tasks', async () => {
    const [pool, output] = started(kind, 'throws later');
    await until('the worker has died', () => linesOf(output, 'stderr').some((line) => line.includes('Error: between tasks')));
    await pool.terminate();
  });
});

test('a child of a worker that holds its output open does not hold up the end of the pool for good', async () => {
  const [pool, output] = started('processes', 'leaves a child');
  await pool.apply('said\n');
  await ended(pool);
  expect(linesOf(output)).toEqual(['said', 'the end']);
});

test('another use of the output is refused', () => {
  const options = { threads: 1, output: 'files' as 'lines', initializer: ['nothing'] as ['nothing'] };
  expect(() => manager.pool<Talking>(MODULE, options)).toThrow(InvalidArgumentError);
});
