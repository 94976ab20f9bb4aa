import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Manager } from 'commonhold';
import { fresh, range } from '../conformance/support.js';
import { WRITER, type Door, type Library } from './programs/library.js';
import { stress } from '../support/stress.js';

// Readers and writers in processes of their own, excluded by a condition alone: readers are inside together, a writer is alone, and no
// visitor is skipped.

const LIBRARY = new URL('./programs/library.js', import.meta.url);

const READERS = 4;
const WRITERS = 2;
const ROUNDS = stress(12, 25);
const PAGES = 4;

let manager: Manager;

beforeAll(async () => {
  manager = await Manager.start();
});

afterAll(() => manager.close());

test('readers read together and never beside a writer, writers write alone, and none of them starves', async () => {
  const library: Library = {
    turn: manager.condition(fresh('turn')),
    door: manager.value<Door>(fresh('door'), { serving: 1, readers: 0, writing: false }),
    tickets: manager.value(fresh('tickets'), 0),
    pages: manager.array(fresh('pages'), 'i32', PAGES),
    inside: manager.value(fresh('inside'), 0),
    met: manager.barrier(fresh('met'), READERS),
    opened: manager.event(fresh('opened')),
  };
  const send = (role: 'reader' | 'writer', count: number) =>
    range(0, count).map(() => manager.fork<typeof import('./programs/library.js')>(LIBRARY, role, ROUNDS, library).result);
  const [reading, writing] = [send('reader', READERS), send('writer', WRITERS)];
  const readers = (await Promise.all(reading)).flat();
  const writers = (await Promise.all(writing)).flat();

  // Readers met readers only, and all of them were inside at once; a writer met no other visitor.
  for (const { inside } of readers) expect(Math.max(...inside)).toBeLessThan(WRITER);
  expect(Math.max(...readers.flatMap(({ inside }) => inside))).toBe(READERS);
  for (const { inside } of writers) expect(inside).toEqual([WRITER, WRITER]);
  expect(await library.inside.get()).toBe(0);

  // Each reader saw one edition, and each writer made the next one: no write was lost.
  for (const { pages } of [...readers, ...writers]) expect(new Set(pages).size).toBe(1);
  expect(writers.map(({ pages }) => pages[0]).sort((a, b) => a! - b!)).toEqual(range(0, WRITERS * ROUNDS));
  expect(await library.pages.read()).toEqual(Int32Array.from({ length: PAGES }, () => WRITERS * ROUNDS));

  // No later visitor overtakes: each writer goes before a visitor at most once.
  expect([readers.length, writers.length]).toEqual([READERS * ROUNDS, WRITERS * ROUNDS]);
  for (const { asked, pages } of [...readers, ...writers]) expect(pages[0]! - asked).toBeLessThanOrEqual(WRITERS);
  expect(await library.turn.locked()).toBe(false);
});
