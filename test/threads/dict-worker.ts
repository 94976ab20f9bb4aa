import { parentPort, workerData } from 'node:worker_threads';
import { decodeOpaque, encodePayload } from '../../proto/codec/payload.js';
import type { ValueCodec } from '../../engine/shared/memory/cells.js';
import { dictKind } from '../../engine/shared/objects/dict.js';
import { createSharedEngine } from '../../engine/shared/index.js';
import { listKind } from '../../engine/shared/objects/list.js';
import { Region, type RegionHandle } from '../../engine/shared/memory/region.js';
import { checkGuards } from '../support/checked-guards.js';

/** Task of a worker of dict.test.ts: its function here, and the number of times; for ever by default. */
export interface Task {
  readonly handle: RegionHandle;
  readonly work: 'count' | 'write' | 'churn';
  readonly rounds?: number;
}

export const CODEC: ValueCodec = { encode: encodePayload, decode: (payload) => decodeOpaque(payload).value, plain: true };
export const KEYS = Array.from({ length: 64 }, (_, i) => `key ${i}`);
/** Keys that are set and deleted together, with one value. */
export const TOGETHER = Array.from({ length: 200 }, (_, i) => i);

/** A text from which isWhole tells if it is torn. */
export function whole(length: number): string {
  return `${length}:${String.fromCharCode(97 + (length % 26)).repeat(length)}`;
}

export function isWhole(text: unknown): boolean {
  return typeof text === 'string' && text === whole(Number.parseInt(text, 10));
}

/** A random integer below `end`. */
function below(end: number): number {
  return Math.floor(Math.random() * end);
}

if (parentPort !== null) {
  const { handle, work, rounds = Infinity } = workerData as Task;
  const engine = createSharedEngine(new Region(handle));
  checkGuards(engine.thread);
  const counts = engine.objects.open(dictKind, 'counts');
  const texts = engine.objects.open(dictKind, 'texts');
  const together = engine.objects.open(dictKind, 'together');
  const list = engine.objects.open(listKind, 'list');
  const text = (): string => whole(below(10) === 0 ? below(20_000) : below(60));
  const key = (): string => KEYS[below(KEYS.length)]!;

  const count = (): void => {
    for (const one of KEYS) {
      for (;;) {
        const before = counts.get(one, CODEC) as number | undefined;
        if (counts.swap(one, before === undefined ? undefined : encodePayload(before), encodePayload((before ?? 0) + 1))) break;
      }
    }
  };
  const write = (): void => {
    texts.set(key(), text(), CODEC);
    if (below(4) === 0) {
      const same = text();
      together.setMany(
        TOGETHER.map((one) => [one, same]),
        CODEC,
      );
    }
    if (below(10) === 0) texts.delete(key());
    if (below(50) === 0) texts.popItem(CODEC);
  };
  const changes: (() => void)[] = [
    write,
    write,
    () => void texts.pop(key(), CODEC),
    () => void together.deleteMany(TOGETHER),
    () => void texts.deleteMany([key(), key()]),
    () => void list.push([text(), 1, text()], CODEC),
    () => void list.unshift([text()], CODEC),
    () => void list.splice(below(8), below(6), [text(), 2], CODEC),
    () => list.insert(below(20), text(), CODEC),
    () => void list.pop(below(3) === 0 ? 1 : undefined, CODEC),
    () => void list.shift(CODEC),
    () => void list.remove(encodePayload(1)),
    () => list.sort(false, ''),
    () => list.size > 50 && list.splice(10, undefined, [], CODEC),
    () => below(20) === 0 && texts.clear(),
  ];
  const tasks = { count, write, churn: () => changes[below(changes.length)]!() };

  parentPort.postMessage('ready');
  for (let round = 0; round < rounds; round++) tasks[work]();
  engine.close();
  parentPort.postMessage('done');
}
