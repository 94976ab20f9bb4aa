import { inspect } from 'node:util';
import { assertStack } from '../../engine/shared/threads/stack.js';
import type { Reference } from '../../proto/codec/reference.js';
import { ClosedError, InvalidArgumentError } from '../../proto/errors.js';
import { makeLocal, type LocalClient } from './arenas.js';
import { Factories } from '../objects/factories.js';
import { checkOptions, type OptionNames } from '../known-options.js';
import { checkSize, type ObjectOptions } from '../objects/object-options.js';
import { openAnywhere } from './share.js';
import { shown } from '../shown.js';
import type { ProxyContext } from '../objects/object-proxy.js';
import { WorkerFactory } from '../workers/factory.js';
import type { ArgumentsOf, ResultOf, WorkerHandle, WorkerModule } from '../workers/handle.js';
import type { WorkerOptions } from '../workers/options.js';

/** Options of an arena. */
export interface ArenaOptions {
  /** Bytes that it has at the beginning. Default: 1 MiB. It grows by itself. */
  size?: number | undefined;
  /** Bytes that it may have, at most 2 GiB. Default: 1 GiB, or as much as the system has room for, of which it gives what is used. */
  maxSize?: number | undefined;
}

const ARENA_OPTIONS = { size: true, maxSize: true } satisfies OptionNames<ArenaOptions>;

/** How much memory an arena has. */
export interface ArenaStats {
  /** Bytes of memory that it has taken so far. */
  readonly size: number;
  readonly maxSize: number;
  /** Bytes of it that are in use. */
  readonly used: number;
  /** Objects in it. */
  readonly objects: number;
  /** Threads that work on it, this one included. */
  readonly threads: number;
}

/**
 * Shared memory of this process, for its threads, without any manager: dicts, lists, queues, values, arrays and
 * what synchronises. Its proxies are those of a manager, with the same meaning, and each has the facet `sync`,
 * whose operations have no promises. What a thread holds that ends, however it ends, is given back.
 *
 * Other processes do not see it: for objects that they see as well, use a manager and `{ home: 'process' }`.
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
   * Makes an arena.
   * @throws InvalidArgumentError for sizes that are none; OutOfMemoryError where the system has no room for `maxSize`
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
    if (home !== undefined && home !== 'process') throw new InvalidArgumentError('home: an object of an arena is at home in this process');
    if (backup !== undefined) throw new InvalidArgumentError('backup: an arena has no manager that could keep a copy');
    if (maxSize !== undefined) throw new InvalidArgumentError('maxSize: give it to Arena.create()');
    return this.context;
  }

  /** What references to its objects carry. */
  get address(): string {
    return this.#local.address;
  }

  /** @internal Threads of this process need none. */
  get token(): undefined {
    return undefined;
  }

  /**
   * Runs the default export of a module in a worker thread. Arguments and result are copied, proxies arrive as
   * working proxies; SharedArrayBuffers, and views over them as `array.sync.view`, are shared.
   * @param module an absolute file URL, as of `new URL('../worker.js', import.meta.url)`, or a path
   */
  thread<M extends WorkerModule>(module: URL | string, ...args: ArgumentsOf<M>): WorkerHandle<ResultOf<M>> {
    return this.worker().thread<M>(module, ...args);
  }

  /** `thread` with options: `arena.worker({ daemonic: true }).thread(module, ...args)`. */
  worker(options: WorkerOptions = {}): Pick<WorkerFactory, 'thread'> {
    this.#assertOpen();
    return new WorkerFactory(this, this.#workers, options);
  }

  /** The proxy that a reference stands for. @throws InvalidArgumentError for a kind this version does not know */
  override open(reference: Reference): ReturnType<Factories['open']> {
    return reference.address === this.address ? super.open(reference) : (openAnywhere(reference) as ReturnType<Factories['open']>);
  }

  /** How much memory it has. */
  stats(): ArenaStats {
    assertStack();
    const { thread, objects } = this.#local.engine;
    thread.threads.look();
    return { ...thread.usage(), objects: objects.directory.count, threads: [...thread.threads.slots()].length };
  }

  /** @internal Resolves when all objects that references were made of are there for others. */
  prepared(): Promise<void> {
    return this.#local.prepared();
  }

  /**
   * Ends the arena for all its threads: whoever waits, and whoever uses it later, gets ClosedError. Each thread lets go of
   * its memory in the next turn of its event loop, or when it receives another arena, also where it keeps proxies; only a
   * proxy of an array, and the `view` of one, keep the memory for as long as they are there themselves.
   */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#local.engine.thread.close();
    await this.#local.close();
  }

  /** @internal */
  [inspect.custom](): string {
    return shown(this, `${this.address}${this.#closed ? ', closed' : ''}`);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
