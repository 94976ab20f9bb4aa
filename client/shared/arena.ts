import { inspect } from 'node:util';
import { assertStack } from '../../engine/shared/threads/stack.js';
import type { Reference } from '../../proto/codec/reference.js';
import { ClosedError, InvalidArgumentError } from '../../proto/errors.js';
import { makeLocal, type LocalClient } from './arenas.js';
import type { Credentials } from '../connect/transport/credentials.js';
import { Factories } from '../objects/factories.js';
import { checkOptions, type OptionNames } from '../../proto/known-options.js';
import { checkSize, type ObjectOptions } from '../objects/object-options.js';
import { openAnywhere } from './share.js';
import { shown } from '../shown.js';
import type { ProxyContext } from '../objects/object-proxy.js';
import { WorkerFactory } from '../workers/factory.js';
import type { ArgumentsOf, ResultOf, WorkerHandle, WorkerModule } from '../workers/handle.js';
import type { WorkerOptions } from '../workers/options.js';
import { validReference } from '../objects/arguments.js';

/** Options of an arena. */
export interface ArenaOptions {
  /** Initial size in bytes. Default: 1 MiB. It grows as needed. */
  size?: number | undefined;
  /**
   * Size limit in bytes, at most 2 GiB. Default: 1 GiB, or less if the system has less memory available. The system provides memory only as
   * it is used.
   */
  maxSize?: number | undefined;
}

const ARENA_OPTIONS = { size: true, maxSize: true } satisfies OptionNames<ArenaOptions>;

/** Memory statistics of an arena. */
export interface ArenaStats {
  /** Bytes of memory allocated so far. */
  readonly size: number;
  readonly maxSize: number;
  /** Bytes in use. */
  readonly used: number;
  /** Number of objects. */
  readonly objects: number;
  /** Number of attached threads, including this one. */
  readonly threads: number;
}

/**
 * Shared memory for the threads of this process, without a manager: dicts, lists, queues, values, arrays, and synchronization primitives.
 * Its proxies have the API and semantics of a manager's, and additionally `sync`, whose operations need no promises. Holds of a thread that
 * ends, for any reason, are released.
 *
 * Other processes cannot access it: for objects that they can access too, use a manager and `{ home: 'process' }`.
 */
export class Arena extends Factories implements AsyncDisposable {
  readonly #local: LocalClient;
  readonly #workers = new Set<WorkerHandle<unknown>>();
  #closed = false;

  /** @internal */
  constructor(local: LocalClient) {
    super();
    this.#local = local;
  }

  /**
   * Creates an arena.
   * @throws InvalidArgumentError for invalid sizes; OutOfMemoryError if the system has not enough memory for `maxSize`
   */
  static create(options: ArenaOptions = {}): Arena {
    checkOptions(options, ARENA_OPTIONS);
    const { size, maxSize } = options;
    checkSize('size', size);
    checkSize('maxSize', maxSize);
    if (size !== undefined && maxSize !== undefined && size > maxSize)
      throw new InvalidArgumentError(`a size of ${size} bytes is above the maxSize of ${maxSize}`);
    return new Arena(makeLocal(options, openAnywhere));
  }

  protected override get context(): ProxyContext {
    this.#assertOpen();
    return this.#local;
  }

  #assertOpen(): void {
    if (this.#closed) throw new ClosedError('this arena was closed by its program');
  }

  protected override homeOf({ home, backup, maxSize }: ObjectOptions): ProxyContext {
    if (home !== undefined && home !== 'process') throw new InvalidArgumentError('home: the objects of an arena live in this process');
    if (backup !== undefined) throw new InvalidArgumentError('backup: an arena has no manager to keep a copy');
    if (maxSize !== undefined) throw new InvalidArgumentError('maxSize: give it to Arena.create()');
    return this.context;
  }

  /** Address of the arena in references to its objects. */
  get address(): string {
    return this.#local.address;
  }

  /** @internal Threads of this process need none. */
  get credentials(): Credentials {
    return {};
  }

  /**
   * Runs the default export of a module in a worker thread. Arguments and result are copied, and proxies arrive as working proxies;
   * SharedArrayBuffers, and views over them such as `array.sync.view`, are shared.
   * @param module an absolute file URL, such as `new URL('../worker.js', import.meta.url)`, or a path
   */
  thread<M extends WorkerModule>(module: URL | string, ...args: ArgumentsOf<M>): WorkerHandle<ResultOf<M>> {
    return this.worker().thread<M>(module, ...args);
  }

  /** Returns `thread` with options: `arena.worker({ daemonic: true }).thread(module, ...args)`. */
  worker(options: WorkerOptions = {}): Pick<WorkerFactory, 'thread'> {
    this.#assertOpen();
    return new WorkerFactory(this, this.#workers, options);
  }

  /** Returns the proxy that a reference stands for. @throws InvalidArgumentError for a kind that this version does not know */
  override open(reference: Reference): ReturnType<Factories['open']> {
    return validReference(reference).address === this.address
      ? super.open(reference)
      : (openAnywhere(reference) as ReturnType<Factories['open']>);
  }

  /** Returns memory statistics. */
  stats(): ArenaStats {
    assertStack();
    const { thread, objects } = this.#local.engine;
    thread.threads.look();
    return { ...thread.usage(), objects: objects.directory.count, threads: [...thread.threads.slots()].length };
  }

  /** @internal Resolves once the objects of all references made so far are visible to others. */
  prepared(): Promise<void> {
    return this.#local.prepared();
  }

  /**
   * Closes the arena for all its threads: pending waits and later uses get ClosedError. Each thread releases the memory in the next turn of
   * its event loop, or when it receives another arena, even if proxies remain; only proxies of arrays and their `view` keep the memory for
   * as long as they are referenced.
   */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#local.engine.thread.close();
    await this.#local.close();
  }

  /** Returns the state in one line, as `console.log` shows it. */
  override toString(): string {
    return this[inspect.custom]();
  }

  /** @internal */
  [inspect.custom](): string {
    return shown(this, `${this.address}${this.#closed ? ', closed' : ''}`);
  }

  /** As {@link close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
