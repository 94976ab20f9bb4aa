import { inspect } from 'node:util';
import { isMainThread } from 'node:worker_threads';
import type { ObjectView } from '../../../engine/shared/objects/object-view.js';
import type { ValueCodec } from '../../../engine/shared/memory/cells.js';
import type { SharedEngine } from '../../../engine/shared/index.js';
import { assertStack } from '../../../engine/shared/threads/stack.js';
import type { CallContext } from '../../../proto/contract.js';
import { InvalidArgumentError, TimeoutError } from '../../../proto/errors.js';
import type { Kind } from '../../../proto/gen/commonhold/v1/services_wire.js';
import { quoted, shown } from '../../shown.js';
import type { OpenCall, OpenRequest, ObjectProxy } from '../../objects/object-proxy.js';
import type { KnownOptions, OptionNames } from '../../known-options.js';
import { timeoutOf } from '../../wait.js';

/** Options of what can block the thread. */
export interface SyncOptions {
  /**
   * Milliseconds to block at most; 0 does not block. Without it a worker blocks until the wait is over. The
   * main thread has to give one: while it blocks, its timers, its sockets and the output of its workers stand
   * still.
   */
  timeout?: number | undefined;
}

export const SYNC_OPTIONS = { timeout: true } satisfies OptionNames<SyncOptions>;

/** How long an operation of the main thread that takes a lock for itself waits for its holder, in milliseconds. */
const PATIENCE = 5_000;

/**
 * The operations of an object in shared memory without promises: they are done when they return, and what has
 * to wait blocks the thread. The same names as of the proxy, with the same meaning and the same errors.
 */
export abstract class SyncProxy<T extends ObjectView> {
  readonly #shared: SharedEngine;
  readonly #opener: OpenCall<OpenRequest>;
  /** The object has to be opened with its options first. */
  #unopened: boolean;
  readonly #made: (created: boolean) => void;
  #object: T | undefined;
  readonly #kind: Kind;
  readonly #name: string;
  /** How values go into the memory, and come back. */
  protected readonly codec: ValueCodec;

  /** @internal */
  constructor(proxy: ObjectProxy) {
    const { shared, opener, unopened, made } = proxy.local();
    this.#shared = shared;
    this.#opener = opener;
    this.#unopened = unopened;
    this.#made = made;
    this.#kind = proxy.kind;
    this.#name = proxy.name;
    this.codec = { encode: (value) => proxy.encode(value), decode: (payload) => proxy.decode(payload), plain: !proxy.checked };
  }

  /** The object in the memory, which appears with its first use; and stack for one operation on it. @throws RangeError */
  protected get object(): T {
    assertStack();
    const object = this.#object;
    return object?.there === true ? object : this.#find();
  }

  /** @internal */
  [inspect.custom](): string {
    return shown(this, quoted(this.#name));
  }

  #find(): T {
    if (this.#unopened) {
      const { method, request } = this.#opener;
      const { created } = this.#shared.handler(method)!(request, CONTEXT) as { created: boolean };
      this.#unopened = false;
      this.#made(created);
    }
    return (this.#object = this.#shared.objects.openNamed(this.#kind, this.#name) as T);
  }
}

/** Nobody is given anything by opening an object. */
const CONTEXT: CallContext = {
  session: { id: 'sync', host: '', pid: process.pid, label: '', holds: new Set(), lost: () => {}, warn: () => {} },
  readOnly: false,
  cancel: undefined,
  handOver: () => {},
};

/**
 * How long a wait for others may block.
 * @throws InvalidArgumentError for a wrong time, and on the main thread for none
 */
export function blocking(options: SyncOptions | undefined, known: KnownOptions = SYNC_OPTIONS): number | undefined {
  return options === undefined && !isMainThread ? undefined : blockingAtMost(options, known);
}

function blockingAtMost(options: SyncOptions | undefined, known: KnownOptions): number | undefined {
  const timeout = timeoutOf(options, known);
  if (timeout === undefined && isMainThread) {
    throw new InvalidArgumentError('the main thread must not block without end: give a timeout, use the promise form, or work in a thread');
  }
  return timeout;
}

/** How long an operation may block that takes a lock for itself. @throws InvalidArgumentError for a wrong time */
export function passing(options: SyncOptions | undefined, known: KnownOptions = SYNC_OPTIONS): number | undefined {
  if (options === undefined) return isMainThread ? PATIENCE : undefined;
  return timeoutOf(options, known) ?? (isMainThread ? PATIENCE : undefined);
}

/** What is taken without waiting; undefined where it is not free. */
export function taken<T>(take: () => T): T | undefined {
  try {
    return take();
  } catch (error) {
    if (error instanceof TimeoutError) return undefined;
    throw error;
  }
}
