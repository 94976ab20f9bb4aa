import { parentPort, workerData } from 'node:worker_threads';
import type { ValueCodec } from '../../engine/shared/memory/cells.js';
import { createSharedEngine } from '../../engine/shared/index.js';
import { QueueCalls } from '../../engine/shared/objects/queue-calls.js';
import { queueKind, type SharedMemoryQueue } from '../../engine/shared/objects/queue.js';
import { Region, type RegionHandle } from '../../engine/shared/memory/region.js';
import { decodeOpaque, encodePayload } from '../../proto/codec/payload.js';
import type { CallContext } from '../../proto/contract.js';
import { QueueShutDownError } from '../../proto/errors.js';
import { checkGuards } from '../support/checked-guards.js';

/** Task of a worker of queue.test.ts: its function here, and the number of items that it puts. */
export interface Task {
  readonly handle: RegionHandle;
  readonly work: 'produce' | 'consume' | 'consumeAsync' | 'finish' | 'join' | 'churn';
  readonly producer?: number;
  readonly items?: number;
}

/** An item, as its producer and its number. */
export type Received = readonly [producer: number, number: number];

export const CODEC: ValueCodec = { encode: encodePayload, decode: (payload) => decodeOpaque(payload).value, plain: true };

/** A random integer below `end`. */
export function below(end: number): number {
  return Math.floor(Math.random() * end);
}

/** An item of one of many sizes, which shows if it is torn. */
export function item(producer: number, number: number): string {
  const length = number % 500 === 0 ? 40_000 : (number * 7) % 200;
  return `${producer}:${number}:${'.'.repeat(length)}:${length}`;
}

export function received(text: unknown): Received {
  const [producer, number] = String(text).split(':').map(Number) as [number, number];
  if (text !== item(producer, number)) throw new Error(`torn: ${String(text).slice(0, 40)}`);
  return [producer, number];
}

/** The context of a call, with its cancellation. */
export function context(): CallContext {
  const session = { id: 'test', host: '', pid: process.pid, label: '', holds: new Set<never>(), lost: () => {}, warn: () => {} };
  return { session, readOnly: false, cancel: undefined, handOver: () => {} };
}

/**
 * Takes one item by a promise, which may be aborted at any time.
 * @returns undefined if it was aborted or timed out
 */
export async function takeOrAbandon(calls: QueueCalls): Promise<string | undefined> {
  const call = context();
  try {
    const taking = Promise.resolve(calls.take(1, call, below(4) === 0 ? below(3) : undefined));
    if (below(2) === 0) setTimeout(() => call.cancel?.(new Error('given up')), below(3));
    const [payload] = await taking;
    return CODEC.decode(payload!) as string;
  } catch (error) {
    if (error instanceof QueueShutDownError) throw error;
    return undefined;
  }
}

/** Repeats the work until the queue is shut down. */
export async function untilShutDown(work: () => void | Promise<void>): Promise<void> {
  try {
    for (;;) await work();
  } catch (error) {
    if (!(error instanceof QueueShutDownError)) throw error;
  }
}

/** Blocks as {@link untilShutDown}, without a turn in between. */
function blockUntilShutDown(work: () => void): void {
  try {
    for (;;) work();
  } catch (error) {
    if (!(error instanceof QueueShutDownError)) throw error;
  }
}

function produce(queue: SharedMemoryQueue, producer: number, items: number): void {
  for (let number = 0; number < items;) {
    const count = below(10) === 0 ? 1 + below(20) : 1;
    const next = Array.from({ length: Math.min(count, items - number) }, (_, i) => item(producer, number + i));
    if (next.length === 1) queue.put(next[0], CODEC, undefined);
    else queue.putMany(next, CODEC, undefined);
    number += next.length;
  }
}

if (parentPort !== null) {
  const port = parentPort;
  const { handle, work, producer = 0, items = 0 } = workerData as Task;
  const engine = createSharedEngine(new Region(handle));
  checkGuards(engine.thread);
  const queue = engine.objects.open(queueKind, 'queue');
  const calls = new QueueCalls(queue, engine.objects.surroundings);
  const got: Received[] = [];
  const take = (): void => {
    if (below(5) === 0) got.push(...queue.getMany(1 + below(12), CODEC, undefined).map(received));
    else got.push(received(queue.get(CODEC, undefined)));
  };
  const churn: (() => unknown)[] = [
    () => queue.put(item(1, below(1000)), CODEC, undefined),
    () => queue.put(item(2, below(1000)), CODEC, below(3)),
    () => queue.putMany([item(1, 1), 2, item(3, below(1000)), 4], CODEC, undefined),
    () => queue.get(CODEC, undefined),
    () => queue.get(CODEC, below(3)),
    () => queue.getMany(3, CODEC, undefined),
    () => queue.tryGet(CODEC),
    () => queue.taskDone(1),
    () => queue.giveBack([encodePayload(item(4, below(1000)))]),
    () => below(10) === 0 && queue.clear(),
    () => void calls.take(1, context(), undefined),
    () => calls.put([encodePayload(item(5, below(1000)))], context(), below(5)),
    () => takeOrAbandon(calls),
    () => new Promise((resolve) => setImmediate(resolve)),
  ];
  port.postMessage('ready');
  const works: Record<Task['work'], () => unknown> = {
    produce: () => produce(queue, producer, items),
    consume: () => blockUntilShutDown(take),
    consumeAsync: () =>
      untilShutDown(async () => {
        const text = await takeOrAbandon(calls);
        if (text !== undefined) got.push(received(text));
      }),
    finish: () =>
      blockUntilShutDown(() => {
        take();
        for (; got.length > 0; got.pop()) queue.taskDone(1);
      }),
    join: () => queue.join(undefined),
    churn: async () => {
      for (;;) {
        try {
          await churn[below(churn.length)]!();
        } catch {
          // Full, empty, or nothing to be done.
        }
      }
    },
  };
  await works[work]();
  engine.close();
  port.postMessage(got);
}
