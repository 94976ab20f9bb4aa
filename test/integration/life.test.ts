import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Manager } from 'commonhold';
import { fresh, range } from '../conformance/support.js';
import { nextRow, wrap, type Life } from './programs/life.js';
import { stress } from '../support/stress.js';

// Conway's Game of Life: processes compute a part each, meet at a cyclic barrier after each generation, and have the result of a single
// process. One generation out of step would show.

const LIFE = new URL('./programs/life.js', import.meta.url);

const PROCESSES = 4;
const WIDTH = 64;
const HEIGHT = 48;
const GENERATIONS = stress(40, 120);

let manager: Manager;

beforeAll(async () => {
  manager = await Manager.start();
});

afterAll(() => manager.close());

/** The next generation of the whole field. */
function next(field: Uint8Array): Uint8Array {
  const row = (at: number): Uint8Array => field.subarray(wrap(at, HEIGHT) * WIDTH, (wrap(at, HEIGHT) + 1) * WIDTH);
  return Uint8Array.from(range(0, HEIGHT).flatMap((at) => [...nextRow([row(at - 1), row(at), row(at + 1)], 1)]));
}

/** Cells given as lines of text, at the upper left. */
function drawn(...lines: readonly string[]): Uint8Array {
  const field = new Uint8Array(WIDTH * HEIGHT);
  lines.forEach((line, y) => range(0, line.length).forEach((x) => (field[y * WIDTH + x] = line[x] === '#' ? 1 : 0)));
  return field;
}

function population(field: Uint8Array): number {
  return field.reduce((sum, cell) => sum + cell, 0);
}

test('the rules move a glider by one cell, down and to the right, in four generations', () => {
  const glider = drawn('.#.', '..#', '###');
  expect(next(next(next(next(glider))))).toEqual(drawn('....', '..#.', '...#', '.###'));
});

test('four processes in step at a barrier compute the same generations as one process', async () => {
  // Random cells, the same in each run.
  const soup = Uint8Array.from(range(0, WIDTH * HEIGHT), (cell) => ((Math.imul(cell + 1, 2_654_435_761) >>> 16) % 3) & 1);
  const life: Life = {
    width: WIDTH,
    height: HEIGHT,
    generations: GENERATIONS,
    fields: [manager.array(fresh('even'), 'u8', soup), manager.array(fresh('odd'), 'u8', WIDTH * HEIGHT)],
    barrier: manager.barrier(fresh('generation'), PROCESSES),
    populations: manager.list(fresh('populations')),
  };
  const rows = HEIGHT / PROCESSES;
  const workers = range(0, PROCESSES).map((part) =>
    manager.fork<typeof import('./programs/life.js')>(LIFE, life, part * rows, (part + 1) * rows),
  );
  const indexes = await Promise.all(workers.map(({ result }) => result));

  const expected: Uint8Array[] = [soup];
  for (let generation = 0; generation < GENERATIONS; generation++) expected.push(next(expected.at(-1)!));
  expect(await life.fields[GENERATIONS % 2]!.read()).toEqual(expected.at(-1));
  expect(await life.fields[(GENERATIONS + 1) % 2]!.read()).toEqual(expected.at(-2));
  expect(await life.populations.toArray()).toEqual(expected.slice(1).map(population));
  // The field changed to the end, so that an error would show.
  expect(expected.at(-1)).not.toEqual(expected.at(-3));
  // In each generation, each process had another index.
  for (const generation of range(0, GENERATIONS)) {
    expect(indexes.map((each) => each[generation]).sort((a, b) => a! - b!)).toEqual(range(0, PROCESSES));
  }
  expect([await life.barrier.waiting(), await life.barrier.broken()]).toEqual([0, false]);
});
