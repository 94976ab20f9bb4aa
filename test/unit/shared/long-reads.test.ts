import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { encodePayload, decodePayload } from '../../../proto/codec/payload.js';
import type { Payload } from '../../../proto/wire/values.js';
import type { ValueCodec } from '../../../engine/shared/memory/cells.js';
import { dictKind } from '../../../engine/shared/objects/dict.js';
import { createSharedEngine, type SharedEngine } from '../../../engine/shared/index.js';
import { listKind } from '../../../engine/shared/objects/list.js';
import { queueKind } from '../../../engine/shared/objects/queue.js';
import { checkHeap, KERNELS, newArena } from '../../support/shared-heap.js';
import { whole } from '../../support/whole.js';

const CODEC: ValueCodec = { encode: encodePayload, decode: (payload: Payload) => decodePayload(payload), plain: true };
/** More items than fit into the scratch memory of a thread. */
const ITEMS = 3_000;

describe.each(KERNELS)('a long read, %s', (_name, wasm) => {
  let leave: SharedEngine['thread']['kernel']['leaveObject'];
  let [reader, other]: SharedEngine[] = [];
  beforeEach(() => {
    reader = newArena(wasm);
    other = createSharedEngine(reader.thread.region);
    leave = reader.thread.kernel.leaveObject;
  });
  afterEach(() => {
    between(0);
    expect(checkHeap(reader!)).toBe(0);
    other!.close();
    reader!.close();
  });

  /** Has the other thread work whenever the reader gives a guard back, up to `times` times. */
  function between(times: number, work = (): void => {}): void {
    let left = times;
    reader!.thread.kernel.leaveObject = (self, object) => {
      leave(self, object);
      if (left-- > 0) work();
    };
  }

  const lists = (): ReturnType<typeof list>[] => [list(reader!), list(other!)];
  const list = (engine: SharedEngine) => engine.objects.open(listKind, 'list');
  const dict = (engine: SharedEngine) => engine.objects.open(dictKind, 'dict');
  /** Entries with the same value under each key. */
  const version = (number: number): [string, string][] => Array.from({ length: ITEMS }, (_, i) => [`key ${i}`, `of the version ${number}`]);

  test.each([2, Infinity])('of a dict lets others change it between its parts, and is a snapshot of one moment (%d changes)', (times) => {
    const [mine, its] = [dict(reader!), dict(other!)];
    its.setMany(version(0), CODEC);
    let count = 0;
    const keys = version(0).map(([key]) => key);
    for (const read of [() => mine.entries(CODEC), () => mine.getMany(keys, CODEC)]) {
      const before = count;
      between(times, () => its.setMany(version(++count), CODEC));
      const values = [...new Set(read().map(([, value]) => value))];
      expect(values).toEqual([version(times === 2 ? count : count - 1)[0]![1]]);
      expect(count - before).toBeGreaterThan(1);
    }
    between(0);
    expect(mine.keys()).toEqual(keys);
  });

  test('of a list includes items that others put between its parts', () => {
    const [mine, its] = lists();
    mine!.push(new Array<string>(ITEMS).fill('an item that is there'), CODEC);
    between(3, () => its!.unshift(['another'], CODEC));
    expect(mine!.count(encodePayload('another'))).toBe(3);
    between(3, () => its!.unshift(['another'], CODEC));
    expect(mine!.toArray(CODEC)).toEqual([
      ...new Array<string>(6).fill('another'),
      ...new Array<string>(ITEMS).fill('an item that is there'),
    ]);
    its!.push(['the last'], CODEC);
    between(3, () => its!.pop(0, CODEC));
    expect(mine!.indexOf(encodePayload('the last'))).toBe(ITEMS + 3);
    between(2, () => its!.pop(0, CODEC));
    expect(mine!.remove(encodePayload('the last'))).toBe(true);
    between(0);
    expect(mine!.toArray(CODEC)).toEqual(['another', ...new Array<string>(ITEMS).fill('an item that is there')]);
  });

  test.each(['', 'rank'])('that sorts a list by "%s" includes items that others put there, and ends however often they do', (by) => {
    const [mine, its] = lists();
    const item = (rank: number): unknown => (by === '' ? rank : { rank, text: whole(Math.abs(rank) % 100) });
    const ranks = Array.from({ length: ITEMS }, (_, i) => (i * 7919) % ITEMS);
    mine!.push(ranks.map(item), CODEC);
    let next = ITEMS;
    between(2, () => {
      its!.push([item(-next)], CODEC);
      its!.set(0, item(next++), CODEC);
    });
    mine!.sort(false, by);
    expect(mine!.toArray(CODEC)).toEqual([-ITEMS - 1, -ITEMS, ...ranks.slice(1).sort((a, b) => a - b), ITEMS + 1].map(item));

    between(Infinity, () => its!.push([item(0)], CODEC));
    mine!.sort(true, by);
    const sorted = its!.toArray(CODEC).map((found) => (by === '' ? (found as number) : (found as { rank: number }).rank));
    const last = sorted.lastIndexOf(-ITEMS - 1);
    expect(sorted.slice(0, last + 1)).toEqual(sorted.slice(0, last + 1).sort((a, b) => b - a));
    expect(sorted.filter((rank) => rank === 0).length).toBeGreaterThan(3);
  });

  test('copies data larger than its scratch memory', () => {
    const long = [whole(20_000), 'short', whole(100_000), whole(7), new Uint8Array(9_000).fill(7), ''];
    const [mine] = lists();
    mine!.push(long, CODEC);
    mine!.reverse();
    expect(mine!.toArray(CODEC)).toEqual(long.toReversed());
    expect(mine!.slice(1, -1, CODEC)).toEqual(long.slice(1, -1).toReversed());
    const entries = long.map((value, i): [string, unknown] => [whole(1_000 * i), value]);
    const filled = dict(reader!);
    filled.setMany(entries, CODEC);
    filled.delete(entries[1]![0]);
    expect(filled.entries(CODEC)).toEqual(entries.toSpliced(1, 1));
    expect(filled.keys()).toEqual(entries.toSpliced(1, 1).map(([key]) => key));
    const queue = reader!.objects.open(queueKind, 'queue');
    queue.putMany(long, CODEC, 0);
    expect(queue.peek(10, CODEC)).toEqual(long);
    expect(queue.bytes).toBe(mine!.bytes);
  });
});
