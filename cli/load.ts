import type { Transport } from '../client/connect/transport/transport.js';
import { AlreadyExistsError, KindMismatchError } from '../proto/errors.js';
import { ManagerService } from '../proto/gen/commonhold/v1/manager_wire.js';
import { inLine, type LoadStep } from './dump-steps.js';

/** Treatment of objects that exist: an error; they stay; or they are replaced. */
export type Existing = 'refuse' | 'skip' | 'replace';

/** The last line after an error that has changed nothing. */
export const NOTHING_LOADED = 'nothing was loaded';

/** Numbers of a load. */
export interface LoadCounts {
  objects: number;
  skipped: number;
}

/** Limits of the calls in flight, and of their lines in characters. */
const MOST_CALLS = 512;
const MOST_SIZE = 8 * 1024 * 1024;

/**
 * Makes the calls of a dump in a manager, many at a time, in order for each object. After an error, the objects that it has made are destroyed again,
 * unless they replaced others.
 */
export class Loader {
  readonly #counts: LoadCounts = { objects: 0, skipped: 0 };
  /** Names of the objects that were made. */
  readonly #made: string[] = [];
  readonly #pending = new Set<Promise<void>>();
  #size = 0;
  #hasRoom = (): void => {};
  #failed: Error | undefined;
  /** Resolves once the object of the present lines is there: to false if it is skipped. */
  #opened: Promise<boolean> = Promise.resolve(false);

  constructor(
    private readonly transport: Transport,
    private readonly existing: Existing,
    /** Ends the load as an error would. */
    private readonly signal: AbortSignal,
  ) {}

  async load(steps: AsyncIterable<LoadStep>): Promise<LoadCounts> {
    try {
      for await (const step of steps) {
        this.#assertGoing();
        this.#start(step);
        while (this.#full) await new Promise<void>((resolve) => (this.#hasRoom = resolve));
      }
      await Promise.all(this.#pending);
      this.#assertGoing();
      return this.#counts;
    } catch (error) {
      await Promise.all(this.#pending);
      throw new Error(`${(this.#failed ?? (error as Error)).message}\n${await this.#undo()}`, { cause: error });
    }
  }

  #assertGoing(): void {
    if (this.#failed !== undefined) throw this.#failed;
    this.signal.throwIfAborted();
  }

  get #full(): boolean {
    return this.#pending.size >= MOST_CALLS || (this.#pending.size > 0 && this.#size > MOST_SIZE);
  }

  #start(step: LoadStep): void {
    const done = (step.opens ? this.#open(step) : this.#fill(step)).catch((error: unknown) => {
      this.#failed ??= error === this.signal.reason ? (error as Error) : inLine(step.line, error);
    });
    this.#size += step.size;
    this.#pending.add(done);
    void done.then(() => {
      this.#pending.delete(done);
      this.#size -= step.size;
      this.#hasRoom();
    });
  }

  async #open(step: LoadStep): Promise<void> {
    const { name } = step.request;
    // Both leave in one frame.
    if (this.existing === 'replace') void this.#call(ManagerService.methods.destroy, { name, kind: '' }).catch(() => {});
    this.#opened = this.#call(step.method, { ...timely(step), exclusive: true }).then(
      () => {
        this.#made.push(name);
        this.#counts.objects++;
        return true;
      },
      (error: unknown) => {
        if (!exists(error)) throw error;
        if (this.existing === 'refuse') {
          throw new Error(
            `"${name}" exists already: load with --replace to replace such objects, or with --skip to leave them as they are`,
          );
        }
        this.#counts.skipped++;
        return false;
      },
    );
    await this.#opened;
  }

  async #fill(step: LoadStep): Promise<void> {
    // The error of an Open is reported once.
    const made = await this.#opened.catch(() => false);
    // It may wait: for room in a queue, if the dump was edited.
    if (made) await this.#call(step.method, timely(step), this.signal);
  }

  #call(method: LoadStep['method'], request: unknown, signal?: AbortSignal): Promise<void> {
    return this.transport.call(method, request, () => {}, { signal });
  }

  /** Destroys the objects that were made. Returns a sentence about the state. */
  async #undo(): Promise<string> {
    const { length } = this.#made;
    if (this.existing === 'replace') {
      return length === 0 ? NOTHING_LOADED : `${length} objects were loaded or replaced: mend the cause, and load again with --replace`;
    }
    try {
      await Promise.all(this.#made.map((name) => this.#call(ManagerService.methods.destroy as LoadStep['method'], { name, kind: '' })));
      return NOTHING_LOADED;
    } catch (error) {
      return `${length} objects were loaded, and could not be destroyed again: ${(error as Error).message}`;
    }
  }
}

function exists(error: unknown): boolean {
  return error instanceof AlreadyExistsError || error instanceof KindMismatchError;
}

/** Returns a request whose times are as they would be if the object had existed since the dump. A time that is over ends at once. */
function timely({ request, time }: LoadStep): LoadStep['request'] {
  const passed = Math.max(0, Date.now() - time.getTime());
  const { ttlMs, delayMs } = request;
  if (ttlMs === undefined && delayMs === undefined) return request;
  return {
    ...request,
    ...(ttlMs === undefined ? {} : { ttlMs: Math.max(1, ttlMs - passed) }),
    ...(delayMs === undefined ? {} : { delayMs: Math.max(0, delayMs - passed) }),
  };
}
