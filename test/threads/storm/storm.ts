import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { share, type Arena, type Transportable } from '../../../client/index.js';
import type { SharedEngine } from '../../../engine/shared/index.js';
import { arenaOn, engineOf } from '../../support/arena.js';
import { checkGuards } from '../../support/checked-guards.js';
import { makeObjects, type Objects } from './objects.js';

const MAX_SIZE = 1 << 27;
/** Number of threads that work at once. */
const THREADS = 8;
/** Longest life of a thread, in milliseconds. */
const LIFE = 15;

/** Threads that work on one object of each kind, and are killed anywhere. */
export class Storm {
  readonly #data: Transportable<Objects>;
  /** Contradictions that threads found. */
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

  /** Kills `kills` threads, each a few milliseconds after it began to work, and replaces each until the last. */
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
    // As the arena does itself, unless a test runner has replaced the process object.
    this.engine.thread.threads.ended(threadId);
  }

  /** As many threads as work at once. */
  crowd(): Promise<Worker[]> {
    return Promise.all(Array.from({ length: THREADS }, () => this.start()));
  }
}
