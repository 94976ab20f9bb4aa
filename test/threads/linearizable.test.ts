import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { Arena, share } from '../../client/index.js';
import { bundled, type Bundled } from '../support/bundled.js';
import { isLinearizable } from '../support/linearizable.js';
import { stress } from '../support/stress.js';
import { mapModel, queueModel } from './histories/models.js';
import type { Entry, Subject, Subjects } from './histories/worker.js';

/** Number of histories of each object, for each number of threads. */
const HISTORIES = stress(12, 60);
/** Number of operations in a history, of all threads together. */
const OPERATIONS = 36;
const CAPACITY = 3;

let bundle: Bundled;
beforeAll(async () => {
  bundle = await bundled(new URL('./histories/worker.js', import.meta.url));
});
afterAll(() => bundle.remove());

/** Threads that work concurrently, round by round. */
class Threads {
  readonly #arena = Arena.create();
  readonly #workers: Worker[];
  readonly subjects: Subjects;

  constructor(private readonly count: number) {
    const arena = this.#arena;
    this.subjects = {
      start: arena.barrier('start', count),
      dict: arena.dict('dict'),
      value: arena.value('value', 0, { type: 'f64' }),
      any: arena.value('any', 0),
      queue: arena.queue('queue', { capacity: CAPACITY }),
    };
    const workerData = share(this.subjects);
    this.#workers = Array.from({ length: count }, () => new Worker(bundle.file, { workerData }));
  }

  /** All operations of a round, with their begins and ends by the one clock of the process. */
  async history(subject: Subject): Promise<Entry[]> {
    const { dict, value, any, queue } = this.subjects;
    dict.sync.clear();
    queue.sync.clear();
    for (const each of [value, any]) each.sync.set(0);
    const histories = this.#workers.map((worker) => once(worker, 'message') as Promise<[Entry[]]>);
    for (const worker of this.#workers) worker.postMessage({ subject, count: Math.floor(OPERATIONS / this.count) });
    return (await Promise.all(histories)).flatMap(([entries]) => entries);
  }

  async end(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
    await this.#arena.close();
  }
}

const initially = new Map([['value', 0]]);
const MODELS = {
  dict: mapModel(new Map()),
  value: mapModel(initially),
  any: mapModel(initially),
  queue: queueModel(CAPACITY),
};

describe.each([2, 3, 4])('concurrent operations of %i threads have an order, which each of them sees', (count) => {
  let threads: Threads;
  beforeAll(() => {
    threads = new Threads(count);
  });
  afterAll(() => threads.end());

  it.each(['dict', 'value', 'any', 'queue'] as const)('in a %s', async (subject) => {
    const model = MODELS[subject] as Parameters<typeof isLinearizable<unknown, Entry['input'], Entry['output']>>[0];
    // Continues until some operations overlapped: without, the test would show nothing. On one core they hardly ever do.
    for (let round = 0, overlaps = availableParallelism() > 1 ? 0 : 1; round < HISTORIES || overlaps === 0; round++) {
      const history = await threads.history(subject);
      expect(history).toHaveLength(count * Math.floor(OPERATIONS / count));
      if (!isLinearizable(model, history)) throw new Error(`no order for ${JSON.stringify(history)}`);
      overlaps += overlapping(history);
    }
  });
});

/** Number of operations that began while another was under way. */
function overlapping(history: readonly Entry[]): number {
  return history.filter((one) => history.some((other) => other !== one && other.called <= one.called && one.called <= other.returned))
    .length;
}
