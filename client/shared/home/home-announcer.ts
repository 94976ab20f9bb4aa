import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { HIDDEN, type Objects, type ObjectsObserver } from '../../../engine/shared/objects/objects.js';
import type { RegionHandle } from '../../../engine/shared/memory/region.js';
import type { Credentials } from '../../connect/transport/credentials.js';
import { homeHelperFile } from '../../paths.js';
import { RequestQueue, type HomeRequest } from './request-queue.js';
import { NameConflicts } from './name-conflicts.js';

/** A request to the helper about an object. */
interface Announcement {
  readonly request: HomeRequest;
  /** Resolves when the request is done. */
  readonly done: Promise<void>;
  failed: boolean;
}

/**
 * Announces the objects that one thread of this process creates and destroys to other processes. A call that created an object is answered
 * only after the others can see it.
 */
export class HomeAnnouncer implements ObjectsObserver {
  readonly #backups = new Map<string, number>();
  /** The latest request about each object, until it is done. */
  readonly #told = new Map<string, Announcement>();
  readonly #requests: RequestQueue;
  readonly #nameConflicts: NameConflicts;

  /** @param objects the objects to observe for creation and destruction by this thread */
  constructor(objects: Objects) {
    this.#requests = new RequestQueue(objects);
    this.#nameConflicts = new NameConflicts(objects);
    objects.observer = this;
  }

  /** Sets the interval, in milliseconds, at which the manager gets a copy of an object. */
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

  /** Allows a refused name to be offered to the manager again. */
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
        // The helper has removed the object from the memory.
        if (NameConflicts.is(error)) this.#forget(name, told);
      },
    );
  }

  #forget(name: string, told: Announcement): void {
    if (this.#told.get(name) === told) this.#told.delete(name);
  }

  /** Tells the helper that this thread has no proxy of an anonymous object any more. */
  dismissed(name: string): Promise<void> {
    return this.#requests.ask({ dismiss: name });
  }

  /**
   * Resolves once other processes have been told of this thread's changes to an object. Rejects with the reason if that failed; a later
   * call retries it.
   */
  async announced(name: string): Promise<void> {
    const told = this.#told.get(name);
    if (told?.failed === true) this.#tell(name, told.request);
    await this.#told.get(name)?.done;
  }

  /** Withdraws all objects in order, and closes the connection. */
  async leave(): Promise<void> {
    await this.#requests.ask({ leave: true });
  }
}

/** Data of the helper thread. */
export interface HelperData {
  readonly handle: RegionHandle;
  readonly address: string;
  readonly credentials: Credentials;
  /** Label of this program's client. */
  readonly label: string;
}

/** The thread that serves the objects of this process to other processes. */
export interface Helper {
  /** Resolves when it has ended. */
  readonly exited: Promise<unknown>;
  stop(): Promise<void>;
}

/** Starts the helper thread. It ends with the program, and does not keep it alive. */
export function startHelper(data: HelperData): Helper {
  // Flags of this program, such as a loader's, do not apply to the helper.
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
