import { parentPort, workerData } from 'node:worker_threads';
import type { ValueCodec } from '../../engine/shared/memory/cells.js';
import { decodeOpaque, encodePayload } from '../../proto/codec/payload.js';
import { BrokenBarrierError } from '../../proto/errors.js';
import { barrierKind } from '../../engine/shared/objects/barrier.js';
import { conditionKind } from '../../engine/shared/objects/condition.js';
import { eventKind } from '../../engine/shared/objects/event.js';
import { createSharedEngine } from '../../engine/shared/index.js';
import { listKind } from '../../engine/shared/objects/list.js';
import { Region, type RegionHandle } from '../../engine/shared/memory/region.js';
import { semaphoreKind } from '../../engine/shared/objects/semaphore.js';
import { valueKind } from '../../engine/shared/objects/value.js';
import { checkGuards } from '../support/checked-guards.js';

/** Task of a worker of sync.test.ts: its function here, and the number of times. */
export interface Task {
  readonly work: Work;
  readonly handle: RegionHandle;
  readonly rounds: number;
}
export type Work = keyof ReturnType<typeof works>;

const CODEC: ValueCodec = { encode: encodePayload, decode: (payload) => decodeOpaque(payload).value, plain: true };
/** Most items in the buffer. */
const ROOM = 3;
/** Timeout of a thread that may be the last one left, in milliseconds. */
const PATIENCE = 2;

/** Blocks until the thread is killed. */
function stay(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

function works(handle: RegionHandle, rounds: number, say: (what: unknown) => void) {
  const engine = createSharedEngine(new Region(handle));
  checkGuards(engine.thread);
  const { objects } = engine;
  const semaphore = () => objects.open(semaphoreKind, 'semaphore');
  const barrier = () => objects.open(barrierKind, 'barrier');
  const condition = () => objects.open(conditionKind, 'condition');
  const turns = Array.from({ length: rounds }, (_, index) => index);

  /** Changes the buffer when it is ready. */
  const change = <R>(ready: (size: number) => boolean, work: (buffer: ReturnType<typeof list>) => R): R => {
    const there = condition();
    const number = there.mutex.acquireSync(undefined);
    const buffer = list();
    while (!ready(buffer.size)) there.wait({ number, abandoned: false }, undefined);
    const result = work(buffer);
    there.notifyAll(number);
    there.mutex.free(number);
    return result;
  };
  const list = () => objects.open(listKind, 'buffer');

  return {
    /** Enters and leaves; reports the largest number of threads inside. */
    permits(): void {
      const inside = objects.open(valueKind, 'inside');
      let most = 0;
      for (const _ of turns) {
        const hold = semaphore().acquire(undefined, 1);
        most = Math.max(most, Number(inside.addNumber(1, undefined)));
        inside.addNumber(-1, undefined);
        semaphore().free(hold);
      }
      say(most);
    },
    event: () => say(objects.open(eventKind, 'event').wait(undefined)),
    pass: () => say(turns.map(() => barrier().wait())),
    put: () => turns.forEach((item) => change((size) => size < ROOM, (buffer) => buffer.push([item], CODEC))), // prettier-ignore
    take: () => say(turns.map(() => change((size) => size > 0, (buffer) => buffer.shift(CODEC)))), // prettier-ignore
    hold(): void {
      semaphore().acquire(undefined, 2);
      say('held');
      stay();
    },
    act: () =>
      barrier().wait(undefined, () => {
        say('acts');
        stay();
      }),
    notified(): void {
      const there = condition();
      const number = there.mutex.acquireSync(undefined);
      say(there.wait({ number, abandoned: false }, undefined));
      there.mutex.free(number);
    },
    /** Uses all objects without end, to be killed anywhere. */
    churn(): void {
      say('ready');
      for (let round = 0; ; round++) {
        const hold = semaphore().acquire(undefined, 1 + (round % 2));
        semaphore().free(hold);
        try {
          barrier().wait(PATIENCE);
        } catch (error) {
          if (!(error instanceof BrokenBarrierError)) throw error;
          barrier().reset();
        }
        const there = condition();
        const number = there.mutex.acquireSync(undefined);
        if (round % 3 === 0) there.wait({ number, abandoned: false }, PATIENCE);
        else there.notify(number, 1);
        there.mutex.free(number);
        const event = objects.open(eventKind, 'event');
        if (round % 4 === 0) event.set();
        else if (event.wait(PATIENCE)) event.clear();
      }
    },
    close: () => engine.close(),
  };
}

if (parentPort !== null) {
  const port = parentPort;
  const task = workerData as Task;
  const all = works(task.handle, task.rounds, (what) => port.postMessage(what));
  all[task.work]();
  all.close();
}
