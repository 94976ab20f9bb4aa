import { describe, expect, test } from '@jest/globals';
import type { Key } from '../../../proto/wire/values.js';
import { writeReady, type ValueCodec } from '../../../engine/shared/memory/cells.js';
import { dictKind } from '../../../engine/shared/objects/dict.js';
import { createSharedEngine, type SharedEngine } from '../../../engine/shared/index.js';
import { C_KIND, E_CELL, M_BATCH, M_BATCH_COUNT, M_BATCH_DONE, NOTHING, O_DATA, O_SEQ } from '../../../engine/shared/kernel/layout.js';
import { entrySize, keyInto, writeKey } from '../../../engine/shared/objects/keys.js';
import { Region } from '../../../engine/shared/memory/region.js';
import { checkHeap, KERNELS, newArena } from '../../support/shared-heap.js';

const CODEC: ValueCodec = { encode: (value) => value as string, decode: (payload) => payload, plain: true };

/** Leaves a dict as a thread does that died at the beginning of a batch. */
function begin({ thread }: SharedEngine, object: number, uid: number, entries: readonly (readonly [Key, unknown])[]): void {
  const { kernel, self } = thread;
  const batch = thread.alloc(4 * entries.length);
  entries.forEach(([key, value], i) => {
    const shape = writeKey(thread, key);
    const entry = thread.alloc(entrySize(shape));
    keyInto(thread, entry, shape);
    if (value === undefined) thread.setWord(entry + E_CELL + C_KIND, NOTHING);
    else writeReady(thread, entry + E_CELL, value, CODEC);
    thread.setWord(batch + 4 * i, entry);
  });
  expect(kernel.enterObject(self, object, uid)).toBe(0);
  thread.setWord(object + O_SEQ, thread.word(object + O_SEQ) + 1);
  thread.setWord(object + O_DATA + M_BATCH_COUNT, entries.length);
  thread.setWord(object + O_DATA + M_BATCH_DONE, 0);
  thread.setWord(object + O_DATA + M_BATCH, batch);
  kernel.publishAll(self);
}

describe.each(KERNELS)('a batch of a dict, %s', (_name, wasm) => {
  test('that a thread had begun is completed by the thread that clears it away', () => {
    const living = newArena(wasm);
    const dying = createSharedEngine(new Region(living.thread.region.handle));
    const dict = living.objects.open(dictKind, 'dict');
    dict.setMany([['a', 'the value before'], ['b', 2], ['c', 'is going to go'], ['d', 4]], CODEC); // prettier-ignore
    begin(dying, dict.object, dict.uid, [['a', 'the value behind'], ['new', 'some text'], ['c', undefined], ['none', undefined], ['new', 5]]); // prettier-ignore
    dying.thread.leave();
    expect(dict.entries(CODEC)).toEqual([['a', 'the value behind'], ['b', 2], ['d', 4], ['new', 5]]); // prettier-ignore
    expect(dict.get('new', CODEC)).toBe(5);
    expect(checkHeap(living)).toBe(0);
    living.close();
  });
});
