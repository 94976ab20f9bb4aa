import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { share, type Arena, type Transportable } from '../../../client/index.js';
import type { SharedEngine } from '../../../engine/shared/index.js';
import { arenaOn, engineOf } from '../../support/arena.js';
import { checkGuards } from '../../support/checked-guards.js';
import { makeObjects, type Objects } from './objects.js';

const MAX_SIZE = 1 << 27;
/** Threads that work at once. */
const THREADS = 8;
/** The longest that one of them works, in milliseconds. */
const LIFE = 15;

/** Threads that work on one of everything, and are ended anywhere. */
export class Storm {
  readonly #data: Transportable<Objects>;
  /** What threads could not believe. */
  readonly complaints: string[] = [];
  kills = 0;

  private constructor(
    readonly arena: Arena,
    readonly objects: Objects,
    private readonly file: string,
  ) {
    this.#data = share(objects);
  }

  /** @param file the bundled worker */
  static async on(wasm: boolean, file: string): Promise<Storm> {
    const arena = arenaOn(wasm, MAX_SIZE);
    const storm = new Storm(arena, makeObjects(arena), file);
    checkGuards(storm.engine.thread);
    await arena.prepared();
    storm.objects.pairs.sync.push(0, 0);
    return storm;
  }

  get engine(): SharedEngine {
    return engineOf(this.arena);
  }

  /** Starts a thread; resolves when it works. */
  async start(): Promise<Worker> {
    const worker = new Worker(this.file, { workerData: this.#data });
    worker.once('error', (error) => this.complaints.push(String(error.stack)));
    await once(worker, 'message');
    worker.on('message', (complaint: string) => this.complaints.push(complaint));
    return worker;
  }

  /** Ends so many threads, each within a few milliseconds from when it began to work, and each replaced until the last. */
  async kill(kills: number): Promise<void> {
    let left = kills;
    const lane = async (): Promise<void> => {
      while (left-- > 0) {
        const worker = await this.start();
        await sleep(Math.random() * LIFE);
        await this.end(worker);
      }
    };
    await Promise.all(Array.from({ length: THREADS }, lane));
  }

  async end(worker: Worker): Promise<void> {
    this.kills++;
    const { threadId } = worker;
    await worker.terminate();
    // As the arena does itself, where no test runner has put a process of its own in the place of the real one.
    this.engine.thread.threads.ended(threadId);
  }

  /** As many threads as work at once. */
  crowd(): Promise<Worker[]> {
    return Promise.all(Array.from({ length: THREADS }, () => this.start()));
  }
}
