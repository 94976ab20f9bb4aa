import { setImmediate as nextTurn } from 'node:timers/promises';
import { threadId } from 'node:worker_threads';
import { describe, expect, test } from '@jest/globals';
import { createSharedEngine, type SharedEngine } from '../../../engine/shared/index.js';
import {
  A_HEAP,
  A_LOOKED,
  CONTENDED,
  GRANTED,
  N_SIZE,
  N_STATE,
  WOKEN,
  O_GUARD,
  O_HELD,
  O_LOCK,
  O_WOKEN,
  S_DUE,
  S_REAPER,
  S_TID,
  WAIT,
} from '../../../engine/shared/kernel/layout.js';
import { FIRST } from '../../../engine/shared/threads/clear-part.js';
import { listKind, type SharedMemoryList } from '../../../engine/shared/objects/list.js';
import { lockKind } from '../../../engine/shared/objects/lock.js';
import { clearAway } from '../../../engine/shared/threads/reaper.js';
import { USER } from '../../../engine/shared/objects/robust-lock.js';
import { ArenaThread } from '../../../engine/shared/memory/arena-thread.js';
import { Region } from '../../../engine/shared/memory/region.js';
import { valueKind, valueOf } from '../../../engine/shared/objects/value.js';
import { ThreadWaits } from '../../../engine/shared/threads/thread-waits.js';
import { OutOfMemoryError } from '../../../proto/errors.js';
import { anonymousName } from '../../../proto/name.js';
import { encodePayload } from '../../../proto/codec/payload.js';
import { checkHeap, KERNELS, newArena } from '../../support/shared-heap.js';
import { PLAIN } from '../../threads/storm/objects.js';

/** A number that no thread of a system has. */
const ENDED = 2 ** 30;
/** Several times the number of objects that one part examines. */
const MANY = 9_000;

function fill({ objects }: SharedEngine, count: number): void {
  const { surroundings } = objects;
  for (let i = 0; i < count; i++) objects.create(valueKind, { name: `value ${i}` }, valueOf(surroundings, 'f64', encodePayload(i)));
}

function texts(count: number, length: number): string[] {
  return Array<string>(count).fill('a'.repeat(length));
}

/** Appends texts until there is no room. */
function fillUp(list: SharedMemoryList, length: number): void {
  expect(() => {
    for (;;) list.push(texts(1, length), PLAIN);
  }).toThrow(OutOfMemoryError);
}

/** Marks a thread as one that the system no longer knows. */
function die(thread: ArenaThread): void {
  thread.setWord(thread.self + S_TID, ENDED);
}

describe.each(KERNELS)('a dead thread, %s', (_name, wasm) => {
  test('is cleared away again if its reaper died before it recorded that, and nothing is freed twice', () => {
    const arena = newArena(wasm);
    const [dead, reaper] = [new ArenaThread(arena.thread.region, clearAway), new ArenaThread(arena.thread.region, clearAway)];
    const nodes = [dead.takeNode(N_SIZE), dead.takeNode(N_SIZE)];
    for (const node of nodes) dead.keepNode(node);
    dead.alloc(100);
    dead.kernel.dropBlock(dead.self, reaper.alloc(200));
    reaper.kernel.publishAll(reaper.self);

    clearAway(reaper, dead.self, dead.token);
    arena.thread.threads.ended(threadId);

    expect([dead.present, reaper.present]).toEqual([false, false]);
    expect(checkHeap(arena)).toBe(0);
    const blocks = Array.from({ length: 10 }, () => arena.thread.alloc(N_SIZE));
    expect(new Set(blocks).size).toBe(blocks.length);
    arena.close();
  });

  test.each([0, 1])('that had freed a lock, but not told the first waiter, leaves no thread asleep (O_WOKEN is %d)', (told) => {
    const arena = newArena(wasm);
    const { thread, objects } = arena;
    const dead = new ArenaThread(thread.region, clearAway);
    const lock = objects.open(lockKind('lock'), 'lock');
    const node = new ThreadWaits(thread).node(false, { owner: USER });
    expect(dead.kernel.lockTake(dead.self, lock.object, lock.uid, USER)).toBe(0);
    expect(thread.kernel.lockWait(thread.self, lock.object, lock.uid, node)).toBe(WAIT);
    // The state between the two steps.
    thread.setWord(lock.object + O_LOCK, CONTENDED);
    thread.setWord(lock.object + O_WOKEN, told);

    dead.leave();

    expect(thread.word(node + N_STATE)).toBe(WOKEN);
    expect(lock.retry(node)).toBe(GRANTED);
    expect(thread.word(lock.object + O_LOCK)).toBe(thread.token);
    arena.close();
  });

  test('is cleared away without work on objects that it has nothing in', () => {
    const arena = newArena(wasm);
    const { thread, objects } = arena;
    fill(arena, 500);
    const dead = new ArenaThread(thread.region, clearAway);
    const concerned = [objects.open(lockKind('lock'), 'held'), objects.any('value 77')!, objects.directory.find('value 400')!];
    const [lock, locked, guarded] = concerned as [(typeof concerned)[0], (typeof concerned)[0], (typeof concerned)[0]];
    expect(dead.kernel.lockTake(dead.self, lock.object, lock.uid, USER)).toBe(0);
    expect(dead.kernel.lockTake(dead.self, locked.object, locked.uid, USER)).toBe(0);
    expect(dead.kernel.enterObject(dead.self, guarded.object, guarded.uid)).toBe(0);
    const all = new Set(objects.directory.all().map(({ object }) => object));
    const visited = new Set<number>();
    let calls = 0;
    for (const [name, work] of Object.entries(thread.kernel as unknown as Record<string, (...given: number[]) => number>)) {
      const seen = (...given: number[]): number => {
        calls++;
        for (const one of given) if (all.has(one)) visited.add(one);
        return work(...given);
      };
      Object.assign(thread.kernel, { [name]: seen });
    }
    die(dead);

    expect(thread.threads.look()).toBe(true);

    expect(dead.present).toBe(false);
    expect(visited).toEqual(new Set(concerned.map(({ object }) => object)));
    expect(calls).toBeLessThan(100);
    expect([lock, locked].map(({ object }) => thread.word(object + O_LOCK))).toEqual([0, 0]);
    expect(thread.word(guarded.object + O_GUARD)).toBe(0);
    expect(checkHeap(arena)).toBe(0);
    arena.close();
  });

  test('is left to others by a thread that finds no memory for itself', () => {
    const arena = newArena(wasm, 1 << 20);
    const { thread, objects } = arena;
    const filler = objects.open(listKind, 'filler');
    const used = (): number => thread.usage().used;
    const before = used();
    const dead = createSharedEngine(thread.region);
    const list = dead.objects.create(listKind, { name: anonymousName('list'), exclusive: true }, () => {}).object;
    list.push(texts(50, 1_000), PLAIN);
    die(dead.thread);
    // As if another thread had begun to clear it away.
    thread.setDouble(dead.thread.self + S_DUE, FIRST);
    for (const length of [60_000, 1_000, 60, 10]) fillUp(filler, length);
    const full = used();

    expect(() => createSharedEngine(new Region(thread.region.handle))).toThrow(OutOfMemoryError);

    expect([[...thread.threads.slots()].length, used()]).toEqual([2, full]);
    filler.clear();
    thread.threads.goOn();
    expect(dead.thread.present).toBe(false);
    expect(objects.any(list.name)).toBeUndefined();
    expect(checkHeap(arena)).toBe(0);
    expect(used()).toBe(before);
    arena.close();
  });

  test('that was destroying an object with a long name is cleared away when there is memory for the name', () => {
    const arena = newArena(wasm, 1 << 20);
    const { thread, objects } = arena;
    const filler = objects.open(listKind, 'filler');
    const { object, uid } = objects.open(listKind, 'n'.repeat(1000));
    const dead = new ArenaThread(thread.region, clearAway);
    dead.kernel.objectEnd(dead.self, object, uid);
    die(dead);
    for (const length of [60_000, 1_000, 60, 10]) fillUp(filler, length);
    thread.guards.patience = 0;

    thread.threads.look();

    expect(dead.present).toBe(true);
    filler.clear();
    expect([...objects.all()]).toHaveLength(1);
    expect(dead.present).toBe(false);
    expect(checkHeap(arena)).toBe(0);
    arena.close();
  });

  test('gives the memory back to a thread that joins, and is cleared away by any thread', () => {
    const arena = newArena(wasm);
    const { thread } = arena;
    const dead = new ArenaThread(thread.region, clearAway);
    die(dead);
    thread.setWord(A_HEAP, dead.token);

    const joining = createSharedEngine(new Region(thread.region.handle));

    expect([thread.word(A_HEAP), dead.present]).toEqual([0, true]);
    thread.threads.goOn();
    expect(dead.present).toBe(false);
    expect(checkHeap(arena)).toBe(0);
    joining.close();
    arena.close();
  });

  test('that ends beside many objects does not block the event loop while it is cleared away', async () => {
    const arena = newArena(wasm);
    const { thread, objects } = arena;
    fill(arena, MANY);
    const dead = new ArenaThread(thread.region, clearAway);
    const lock = objects.open(lockKind('lock'), 'lock');
    expect(dead.kernel.lockTake(dead.self, lock.object, lock.uid, USER)).toBe(0);
    die(dead);

    expect(thread.threads.look()).toBe(true);

    let turns = 0;
    for (; dead.present; turns++) await nextTurn();
    expect(turns).toBeGreaterThan(1);
    expect(lock.acquireSync(0)).toBeGreaterThan(0);
    expect(checkHeap(arena)).toBe(0);
    arena.close();
  });

  test('gives up a lock at once to a thread that tries it, however many objects come before', () => {
    const arena = newArena(wasm);
    const { thread, objects } = arena;
    fill(arena, MANY);
    const dead = new ArenaThread(thread.region, clearAway);
    const lock = objects.open(lockKind('lock'), 'lock');
    expect(dead.kernel.lockTake(dead.self, lock.object, lock.uid, USER)).toBe(0);
    die(dead);

    expect(lock.acquireSync(0)).toBeGreaterThan(0);

    expect([dead.present, lock.abandoned]).toEqual([true, true]);
    arena.close();
  });

  test('that another thread has cleared away in part is finished by one that waits', () => {
    const arena = newArena(wasm);
    const { thread, objects } = arena;
    fill(arena, MANY);
    const [dead, busy] = [new ArenaThread(thread.region, clearAway), new ArenaThread(thread.region, clearAway)];
    const lock = objects.open(lockKind('lock'), 'lock');
    expect(dead.kernel.lockTake(dead.self, lock.object, lock.uid, USER)).toBe(0);
    die(dead);
    // Its event loop does not turn again, nor does any other before the lock is free.
    expect(busy.threads.look()).toBe(true);
    expect(dead.present).toBe(true);

    expect(lock.acquireSync(undefined)).toBeGreaterThan(0);

    expect(lock.abandoned).toBe(true);
    lock.free(thread.double(lock.object + O_HELD));
    busy.leave();
    expect(dead.present).toBe(false);
    arena.close();
  });

  test('that dies while it clears another one away leaves the rest of both to the next', async () => {
    const arena = newArena(wasm);
    const { thread, objects } = arena;
    fill(arena, MANY);
    const [dead, reaper] = [new ArenaThread(thread.region, clearAway), new ArenaThread(thread.region, clearAway)];
    const lock = objects.open(lockKind('lock'), 'lock');
    expect(dead.kernel.lockTake(dead.self, lock.object, lock.uid, USER)).toBe(0);
    die(dead);
    expect(reaper.threads.look()).toBe(true);
    // The state in the middle of a part.
    thread.setWord(dead.self + S_REAPER, reaper.token);
    die(reaper);
    thread.setWord(A_LOOKED, 0);

    expect(thread.threads.look()).toBe(true);

    while (dead.present || reaper.present) await nextTurn();
    expect(lock.acquireSync(0)).toBeGreaterThan(0);
    arena.close();
  });
});
