import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { Arena, OutOfMemoryError, share, type SharedDict } from '../../client/index.js';
import { createSharedEngine } from '../../engine/shared/index.js';
import { bundled } from '../support/bundled.js';
import { engineOf } from '../support/arena.js';
import { checkHeap } from '../support/shared-heap.js';
import { isWhole, whole } from '../support/whole.js';
import type { Task } from './growth-worker.js';

const bundle = await bundled(new URL('./growth-worker.js', import.meta.url));
afterAll(() => bundle.remove());

const WRITERS = 4;
const READERS = 2;
const TEXTS = 40;

let arena: Arena;
afterEach(() => arena.close());

/** Runs a thread with this task, and returns its answer. */
async function answerOf(task: Task): Promise<number> {
  const worker = new Worker(bundle.file, { workerData: share(task) });
  const { threadId } = worker;
  const [answer] = (await once(worker, 'message')) as [number];
  await worker.terminate();
  engineOf(arena).thread.threads.ended(threadId);
  return answer;
}

function expectSound(): void {
  expect(checkHeap(engineOf(arena))).toBe(0);
}

describe('memory that grows while threads work on it', () => {
  it('has all texts of the writers, and is read whole meanwhile', async () => {
    // Without room: the first long text needs more.
    arena = Arena.create({ size: 1, maxSize: 1 << 28 });
    const before = arena.stats().size;
    const subjects = { dict: arena.dict<string, string>('dict'), list: arena.list<string>('list') };
    const writers = Array.from({ length: WRITERS }, (_, number) => answerOf({ ...subjects, work: 'write', number, texts: TEXTS }));
    const readers = Array.from({ length: READERS }, () => answerOf({ ...subjects, work: 'read', number: 0, texts: WRITERS * TEXTS }));
    expect(await Promise.all(writers)).toEqual(Array.from({ length: WRITERS }, () => TEXTS));
    expect(await Promise.all(readers)).toEqual(Array.from({ length: READERS }, () => 0));
    expect(arena.stats().size).toBeGreaterThan(before);
    const texts = [...subjects.dict.sync.toMap().values(), ...subjects.list.sync.toArray()];
    expect(texts).toHaveLength(2 * WRITERS * TEXTS);
    expect(texts.filter((text) => !isWhole(text))).toEqual([]);
    expectSound();
  });

  it('ends at its limit for all threads alike, and a write that comes too late has changed nothing', async () => {
    arena = Arena.create({ size: 1, maxSize: 1 << 20 });
    const subjects = { dict: arena.dict<string, string>('dict'), list: arena.list<string>('list') };
    subjects.list.sync.push('before');
    const start = arena.barrier('start', WRITERS);
    const fills = Array.from({ length: WRITERS }, (_, number) => answerOf({ ...subjects, start, work: 'fill', number, texts: 0 }));
    const put = await Promise.all(fills);
    expect(arena.stats().size).toBeLessThanOrEqual(1 << 20);
    const expected = put.flatMap((count, number) => Array.from({ length: count }, (_, i) => `${number}/${i}`));
    expect([...subjects.dict.sync.toMap().keys()].sort()).toEqual(expected.sort());
    for (const text of subjects.dict.sync.toMap().values()) expect(isWhole(text)).toBe(true);
    expect(() => subjects.list.sync.push('after', whole(100_000))).toThrow(OutOfMemoryError);
    expect(subjects.list.sync.toArray()).toEqual(['before']);
    expectSound();
    subjects.dict.sync.clear();
    subjects.list.sync.push('after', whole(200_000));
    expect(subjects.list.sync.length()).toBe(3);
    expectSound();
  });
});

describe('places of threads', () => {
  it('are used again, more often than their number', () => {
    arena = Arena.create();
    const { region } = engineOf(arena).thread;
    for (let i = 0; i < 300; i++) createSharedEngine(region).close();
    expect(arena.stats().threads).toBe(1);
    expectSound();
  });
});

describe('memory that is full', () => {
  it('takes no further thread, and loses no place to the ones that try', async () => {
    arena = Arena.create({ size: 1, maxSize: 1 });
    const dict = arena.dict<number, string>('dict');
    for (let length = 10_000; length > 1; length = Math.floor(length / 2)) {
      expect(() => {
        for (let i = length; ; i += 0.0001) dict.sync.set(i, whole(length));
      }).toThrow(OutOfMemoryError);
    }
    const { region } = engineOf(arena).thread;
    const size = dict.sync.size();
    for (let i = 0; i < 300; i++) expect(() => createSharedEngine(region)).toThrow(OutOfMemoryError);
    expect(arena.stats().threads).toBe(1);
    expectSound();
    expect(dict.sync.size()).toBe(size);
    dict.sync.clear();
    createSharedEngine(region).close();
    expectSound();
  });
});

describe('memory that has no room for a value', () => {
  it('releases the lock that an update took for the value', () => {
    arena = Arena.create({ size: 1, maxSize: 1 << 20 });
    const { sync } = arena.value<string>('value', 'short');
    expect(() => sync.update(() => whole(2_000_000))).toThrow(OutOfMemoryError);
    expect(sync.update((text) => `${text}er`)).toBe('shorter');
    expectSound();
  });
});

describe('memory that was freed', () => {
  it.each(['dict', 'list', 'queue', 'value', 'objects'] as const)('is used again: %s', async (what) => {
    arena = Arena.create({ size: 1, maxSize: 1 << 24 });
    const all = rounds(arena);
    const round = (): unknown => all[what]();
    for (let warm = 0; warm < 3; warm++) await round();
    const { size, used } = arena.stats();
    for (let i = 0; i < 50; i++) await round();
    expect(arena.stats()).toMatchObject({ size, used });
    expectSound();
  });
});

/** Fills an arena and clears it again, by kind. */
function rounds(arena: Arena) {
  const dict: SharedDict<number, string> = arena.dict('dict');
  const list = arena.list<string>('list');
  const queue = arena.queue<string>('queue');
  const value = arena.value<string>('value', '');
  const texts = Array.from({ length: 100 }, (_, i) => whole(37 * i));
  return {
    dict(): void {
      texts.forEach((text, i) => dict.sync.set(i, text));
      texts.forEach((_, i) => dict.sync.delete(i));
      dict.sync.setMany(texts.map((text, i) => [i, text]));
      dict.sync.clear();
    },
    list(): void {
      list.sync.push(...texts);
      list.sync.sort();
      list.sync.splice(10, 50);
      list.sync.clear();
    },
    queue(): void {
      queue.sync.putMany(texts, { timeout: 0 });
      queue.sync.getMany(50, { timeout: 0 });
      queue.sync.clear();
    },
    value(): void {
      for (const text of texts) value.sync.set(text);
    },
    async objects(): Promise<void> {
      for (const name of ['one', 'two', 'three']) {
        const made = [
          arena.dict<string, string>(`${name} dict`),
          arena.array(`${name} array`, 'f64', 500),
          arena.barrier(`${name} barrier`, 2),
        ];
        (made[0] as SharedDict<string, string>).sync.set('key', whole(500));
        arena.condition(`${name} condition`, arena.lock(`${name} lock`)).sync.locked();
        (made[1] as ReturnType<typeof arena.array>).sync.length();
        for (const each of [...made, arena.condition(`${name} condition`), arena.lock(`${name} lock`)]) await each.destroy();
      }
    },
  };
}
