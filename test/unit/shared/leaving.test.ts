import { describe, expect, test } from '@jest/globals';
import { ClosedError } from '../../../client/index.js';
import { createSharedEngine } from '../../../engine/shared/index.js';
import { Region } from '../../../engine/shared/memory/region.js';
import { arenaOn, engineOf } from '../../support/arena.js';
import { checkHeap, KERNELS, usedHeap } from '../../support/shared-heap.js';

const TEXT = 'a text that is longer than a loop writes, and than any cell has room for';

describe.each(KERNELS)('a thread that has left an arena, %s', (_name, wasm) => {
  test('gets ClosedError from each call, and changes nothing for the thread that has its slot now', () => {
    const arena = arenaOn(wasm, 1 << 26);
    const engine = engineOf(arena);
    const { handle } = engine.thread.region;
    const [dict, value] = [arena.dict<string, number>('dict'), arena.value('value', 0, { type: 'i32' })];
    const [list, array, lock, queue] = [
      arena.list<string>('list'),
      arena.array('array', 'f64', 4),
      arena.lock('lock'),
      arena.queue<string>('queue'),
    ];
    list.sync.push(TEXT);
    queue.sync.put(TEXT, { timeout: 0 });
    value.sync.add(1);
    dict.sync.add('count', 1);
    array.sync.set(0, 1);
    const held = lock.sync.acquire({ timeout: 0 });

    engine.close();
    const other = createSharedEngine(new Region(handle));
    expect(other.thread.self).toBe(engine.thread.self);
    expect(checkHeap(other)).toBe(0);
    const before = usedHeap(other);

    const calls: (() => unknown)[] = [
      () => dict.sync.add('count', 1),
      () => dict.sync.set(TEXT, 1),
      () => dict.sync.get('count'),
      () => dict.sync.size(),
      () => value.sync.add(1),
      () => value.sync.get(),
      () => list.sync.push(TEXT),
      () => list.sync.at(0),
      () => queue.sync.put(TEXT, { timeout: 0 }),
      () => queue.sync.get({ timeout: 0 }),
      () => array.sync.get(0),
      () => array.sync.set(0, 2),
      () => held.release(),
      () => lock.sync.acquire({ timeout: 0 }),
      () => lock.sync.locked(),
      () => arena.list('new').sync.push(TEXT),
    ];
    expect(calls.map((call) => [String(call), outcome(call)])).toEqual(calls.map((call) => [String(call), ClosedError.name]));
    expect(usedHeap(other).equals(before)).toBe(true);
    other.close();
  });
});

/** Name of the error with which a call ends. */
function outcome(call: () => unknown): string {
  try {
    return `answers ${String(call())}`;
  } catch (error) {
    return (error as Error).constructor.name;
  }
}
