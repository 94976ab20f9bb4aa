import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { RegionHandle } from '../../engine/shared/region.js';
import type { Made } from '../../engine/shared/objects.js';
import { HOME_HELPER } from '../paths.js';
import type { Client } from '../client.js';
import { HIDDEN, Inbox } from './inbox.js';

/**
 * The objects that are at home in this process, as one of its threads has them: what this thread makes others are
 * to see before a call that made it is answered, and what it destroys they see no more.
 */
export class Household implements Made {
  readonly #backups = new Map<string, number>();
  readonly #pending = new Map<string, Promise<void>>();
  #inbox!: Inbox;

  /** Before the first object is made. */
  of(client: Client): void {
    this.#inbox = new Inbox(client);
  }

  /** The manager is to have a copy of an object, so many milliseconds old at most. */
  backUp(name: string, ms: number | undefined): void {
    if (ms !== undefined) this.#backups.set(name, ms);
  }

  made(kind: string, name: string): void {
    if (!name.startsWith(HIDDEN)) this.#ask(name, { offer: name, kind, backup: this.#backups.get(name) });
  }

  ended(name: string): void {
    if (!name.startsWith(HIDDEN)) this.#ask(name, { withdraw: name });
  }

  #ask(name: string, request: Parameters<Inbox['ask']>[0]): void {
    const before = this.#pending.get(name) ?? Promise.resolve();
    const asked = before.then(() => this.#inbox.ask(request));
    this.#pending.set(name, asked);
    // Whoever made it is told, by settled().
    asked.then(
      () => this.#done(name, asked),
      () => {},
    );
  }

  #done(name: string, asked: Promise<void>): void {
    if (this.#pending.get(name) === asked) this.#pending.delete(name);
  }

  /** Resolves when others see what this thread made. Rejects with why they cannot, once. */
  async settled(): Promise<void> {
    while (this.#pending.size > 0) {
      for (const [name, asked] of [...this.#pending]) {
        try {
          await asked;
        } finally {
          this.#done(name, asked);
        }
      }
    }
  }

  /** Lets go of all, in order. */
  async leave(): Promise<void> {
    await this.#inbox.ask({ leave: true });
  }
}

/** What the thread is told at its start. */
export interface HelperData {
  readonly handle: RegionHandle;
  readonly address: string;
  readonly token: string | undefined;
}

/** The thread that answers for the objects at home here. */
export interface Helper {
  /** Resolves when it is gone. */
  readonly exited: Promise<unknown>;
  stop(): Promise<void>;
}

/** Starts it. It ends with the program, and does not keep it alive. */
export function startHelper(data: HelperData): Helper {
  const worker = new Worker(HOME_HELPER, { workerData: data });
  worker.unref();
  const exited = once(worker, 'exit').catch(() => {});
  return {
    exited,
    async stop(): Promise<void> {
      await worker.terminate();
      await exited;
    },
  };
}
