import { Worker } from 'node:worker_threads';
import { InvalidArgumentError } from '../../proto/errors.js';
import { heartbeatFile } from '../paths.js';
import type { HeartbeatEvents, HeartbeatSession } from './transport/heartbeat-sender.js';
import type { ProvenTime } from './transport/proven-time.js';

/** An order to the thread. `number` stands for a session. */
export type HeartbeatOrder =
  | { readonly number: number; readonly start: HeartbeatSession; readonly memory: SharedArrayBuffer }
  | { readonly number: number; readonly start: undefined };

/** An event of a session's heartbeats. */
export interface HeartbeatReport {
  readonly number: number;
  readonly event: keyof HeartbeatEvents;
}

/**
 * The thread that sends the heartbeats of the sessions which its parent has with managers on other hosts. It runs while there are any, and
 * ends with its parent, so that it proves nothing for a thread that has been terminated.
 */
export class HeartbeatThread {
  static readonly ofThisThread = new HeartbeatThread();

  #worker: Worker | undefined;
  readonly #sessions = new Map<number, HeartbeatEvents>();
  #count = 0;

  /**
   * Starts the heartbeats of a session. Returns a function that stops them.
   * @throws InvalidArgumentError if the thread cannot be started
   */
  start(session: HeartbeatSession, proven: ProvenTime, events: HeartbeatEvents): () => void {
    const number = ++this.#count;
    this.#worker ??= this.#run();
    this.#sessions.set(number, events);
    this.#order({ number, start: session, memory: proven.memory });
    return () => this.#stop(number);
  }

  #run(): Worker {
    const worker = startThread();
    worker.on('message', ({ number, event }: HeartbeatReport) => this.#sessions.get(number)?.[event]());
    // The error of a thread that fails would end this program. Its sessions find that no heartbeat is answered.
    worker.on('error', () => {});
    worker.once('exit', () => {
      if (this.#worker === worker) this.#worker = undefined;
    });
    worker.unref();
    return worker;
  }

  #stop(number: number): void {
    if (!this.#sessions.delete(number)) return;
    if (this.#sessions.size > 0) return this.#order({ number, start: undefined });
    void this.#worker?.terminate();
    this.#worker = undefined;
  }

  #order(order: HeartbeatOrder): void {
    this.#worker?.postMessage(order);
  }
}

function startThread(): Worker {
  try {
    // Flags of this program, such as a loader's, do not apply to the thread.
    return new Worker(heartbeatFile(), { execArgv: [] });
  } catch (cause) {
    const remedy = "remedy that, or connect with lease: { ms, tiedTo: 'event-loop' }, which needs no thread";
    throw new InvalidArgumentError(
      `the manager is on another host, and no thread can send the heartbeats of the session: ${(cause as Error).message}; ${remedy}`,
      { cause },
    );
  }
}
