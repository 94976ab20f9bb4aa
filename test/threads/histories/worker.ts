// A thread of linearizable.test.ts: begins each round with the others, and records its operations with their times.
import { parentPort, threadId, workerData } from 'node:worker_threads';
import { localProxy, receiveLocal } from '../../../client/shared/arenas.js';
import type { Barrier, SharedDict, SharedQueue, SharedValue, Transportable } from '../../../client/index.js';
import { decodePayload } from '../../../proto/codec/payload.js';
import type { Operation } from '../../support/linearizable.js';
import type { Input, Output } from './models.js';

/** Objects that the threads work on. */
export interface Subjects {
  readonly start: Barrier;
  readonly dict: SharedDict<string, number>;
  readonly value: SharedValue<number>;
  /** A value without a type, which is kept in a cell. */
  readonly any: SharedValue<number>;
  readonly queue: SharedQueue<number>;
}

/** Object of a round. */
export type Subject = Exclude<keyof Subjects, 'start'>;
export type Entry = Operation<Input, Output>;

export const KEYS = ['a', 'b', 'c'];

const below = (end: number): number => Math.floor(Math.random() * end);

function choose(subject: Subject): Input {
  if (subject === 'queue') return below(2) === 0 ? { do: 'put', item: threadId * 1_000_000 + ++puts } : { do: 'take' };
  const key = subject === 'dict' ? KEYS[below(KEYS.length)]! : 'value';
  const kinds =
    subject === 'dict' ? (['get', 'set', 'add', 'compareAndSet', 'delete'] as const) : (['get', 'set', 'add', 'compareAndSet'] as const);
  const kind = kinds[below(kinds.length)]!;
  if (kind === 'get' || kind === 'delete') return { do: kind, key };
  if (kind !== 'compareAndSet') return { do: kind, key, to: below(4) };
  const missing = subject === 'dict' && below(3) === 0;
  return { do: kind, key, from: missing ? undefined : below(4), to: below(4) };
}
let puts = 0;

function perform({ dict, queue, ...values }: Subjects, subject: Subject, input: Input): Output {
  if (input.do === 'put') return queue.sync.tryPut(input.item);
  if (input.do === 'take') return queue.sync.tryGet();
  const { key } = input;
  if (subject === 'dict') {
    const { sync } = dict;
    if (input.do === 'set') {
      sync.set(key, input.to);
      return undefined;
    }
    if (input.do === 'add') return sync.add(key, input.to);
    if (input.do === 'compareAndSet') return sync.compareAndSet(key, input.from, input.to);
    return input.do === 'delete' ? sync.delete(key) : sync.get(key);
  }
  const { sync } = values[subject as 'value' | 'any'];
  if (input.do === 'set') {
    sync.set(input.to);
    return undefined;
  }
  if (input.do === 'add') return sync.add(input.to);
  if (input.do === 'compareAndSet') return sync.compareAndSet(input.from!, input.to!);
  return sync.get();
}

/** Waking a thread takes longer than all its operations: threads that are awake wait for the next full half millisecond. */
function startTogether(): void {
  const begin = (process.hrtime.bigint() / 500_000n + 1n) * 500_000n;
  while (process.hrtime.bigint() < begin);
}

if (parentPort !== null) {
  const { arenas, payload } = workerData as Transportable<Subjects>;
  receiveLocal(arenas!, localProxy);
  const [subjects] = decodePayload(payload, { open: localProxy }) as [Subjects];
  parentPort.on('message', ({ subject, count }: { subject: Subject; count: number }) => {
    const inputs = Array.from({ length: count }, () => choose(subject));
    const history: Entry[] = [];
    subjects.start.sync.wait();
    startTogether();
    for (const input of inputs) {
      const called = Number(process.hrtime.bigint());
      const output = perform(subjects, subject, input);
      history.push({ input, output, called, returned: Number(process.hrtime.bigint()) });
    }
    parentPort!.postMessage(history);
  });
}
