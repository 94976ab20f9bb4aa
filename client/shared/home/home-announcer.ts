import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { HIDDEN, type Objects, type ObjectsObserver } from '../../../engine/shared/objects/objects.js';
import type { RegionHandle } from '../../../engine/shared/memory/region.js';
import { homeHelperFile } from '../../paths.js';
import { RequestQueue, type HomeRequest } from './request-queue.js';
import { NameConflicts } from './name-conflicts.js';

/** Something that the helper was told of an object. */
interface Announcement {
  readonly request: HomeRequest;
  /** Resolves when it is done. */
  readonly done: Promise<void>;
  failed: boolean;
}

/**
 * The objects that are at home in this process, as one of its threads has them: what this thread makes others are
 * to see before a call that made it is answered, and what it destroys they see no more.
 */
export class HomeAnnouncer implements ObjectsObserver {
  readonly #backups = new Map<string, number>();
  /** What was told last, until it is done. */
  readonly #told = new Map<string, Announcement>();
  readonly #requests: RequestQueue;
  readonly #nameConflicts: NameConflicts;

  /** @param objects of which it observes what this thread makes and destroys */
  constructor(objects: Objects) {
    this.#requests = new RequestQueue(objects);
    this.#nameConflicts = new NameConflicts(objects);
    objects.observer = this;
  }

  /** The manager is to have a copy of an object, so many milliseconds old at most. */
  backUp(name: string, ms: number | undefined): void {
    if (ms !== undefined) this.#backups.set(name, ms);
  }

  allow(name: string): void {
    if (!name.startsWith(HIDDEN)) this.#nameConflicts.check(name);
  }

  made(kind: string, name: string): void {
    if (!name.startsWith(HIDDEN)) this.#tell(name, { offer: name, kind, backup: this.#backups.get(name) });
  }

  ended(name: string): void {
    if (!name.startsWith(HIDDEN)) this.#tell(name, { withdraw: name });
  }

  /** The manager is asked again for a name that it has not given. */
  retry(name: string): void {
    this.#nameConflicts.forget(name);
  }

  #tell(name: string, request: HomeRequest): void {
    const before = this.#told.get(name)?.done.catch(() => {}) ?? Promise.resolve();
    const done = before.then(() => this.#requests.ask(request));
    const told: Announcement = { request, done, failed: false };
    this.#told.set(name, told);
    done.then(
      () => this.#forget(name, told),
      (error: unknown) => {
        told.failed = true;
        // There is no such object here any more.
        if (NameConflicts.is(error)) this.#forget(name, told);
      },
    );
  }

  #forget(name: string, told: Announcement): void {
    if (this.#told.get(name) === told) this.#told.delete(name);
  }

  /** This thread has no proxy any more of an object without a name. */
  dismissed(name: string): Promise<void> {
    return this.#requests.ask({ dismiss: name });
  }

  /** Resolves when others see what this thread made of an object. Rejects with why they cannot; asked again, it tries again. */
  async settled(name: string): Promise<void> {
    const told = this.#told.get(name);
    if (told?.failed === true) this.#tell(name, told.request);
    await this.#told.get(name)?.done;
  }

  /** Lets go of all, in order. */
  async leave(): Promise<void> {
    await this.#requests.ask({ leave: true });
  }
}

/** What the thread is told at its start. */
export interface HelperData {
  readonly handle: RegionHandle;
  readonly address: string;
  readonly token: string | undefined;
  /** What this program calls itself. */
  readonly label: string;
}

/** The thread that answers for the objects at home here. */
export interface Helper {
  /** Resolves when it is gone. */
  readonly exited: Promise<unknown>;
  stop(): Promise<void>;
}

/** Starts it. It ends with the program, and does not keep it alive. */
export function startHelper(data: HelperData): Helper {
  // Flags of this program, as a loader's, are not the helper's.
  const worker = new Worker(homeHelperFile(), { workerData: data, execArgv: [] });
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
