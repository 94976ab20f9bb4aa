import { inspect } from 'node:util';
import { isMainThread } from 'node:worker_threads';
import type { ObjectView } from '../../../engine/shared/objects/object-view.js';
import type { ValueCodec } from '../../../engine/shared/memory/cells.js';
import type { SharedEngine } from '../../../engine/shared/index.js';
import { assertStack } from '../../../engine/shared/threads/stack.js';
import type { CallContext } from '../../../proto/contract.js';
import { InvalidArgumentError, TimeoutError } from '../../../proto/errors.js';
import type { Kind } from '../../../proto/gen/commonhold/v1/services_wire.js';
import { shown } from '../../shown.js';
import type { OpenCall, OpenRequest, ObjectProxy } from '../../objects/object-proxy.js';
import type { KnownOptions, OptionNames } from '../../../proto/known-options.js';
import { quoted } from '../../../proto/given.js';
import { timeoutOf } from '../../wait.js';

/** Options of operations that can block the thread. */
export interface SyncOptions {
  /**
   * Maximum time to block, in milliseconds; 0 does not block. Without it, a worker blocks without limit. The main thread must give one for
   * waits, because its timers, its sockets and the output of its workers stop while it blocks.
   */
  timeout?: number | undefined;
}

export const SYNC_OPTIONS = { timeout: true } satisfies OptionNames<SyncOptions>;

/** Maximum wait of the main thread for the holder of a lock, in an operation that takes the lock for itself, in milliseconds. */
const PATIENCE = 5_000;

/**
 * The synchronous API of an object in shared memory: operations are complete when they return, and block the thread if they must wait. The
 * methods have the names, semantics and errors of the proxy's.
 */
export abstract class SyncProxy<T extends ObjectView> {
  readonly #shared: SharedEngine;
  readonly #opener: OpenCall<OpenRequest>;
  /** True if the object must be opened with its options first. */
  #unopened: boolean;
  readonly #made: (created: boolean) => void;
  readonly #assertUsable: () => void;
  #object: T | undefined;
  readonly #kind: Kind;
  readonly #name: string;
  /** Encodes and decodes the values of the user. */
  protected readonly codec: ValueCodec;

  /** @internal */
  constructor(proxy: ObjectProxy) {
    const { shared, opener, unopened, made, assertUsable } = proxy.local(() => (this.#object = undefined));
    this.#shared = shared;
    this.#opener = opener;
    this.#unopened = unopened;
    this.#made = made;
    this.#assertUsable = assertUsable;
    this.#kind = proxy.kind;
    this.#name = proxy.name;
    this.codec = {
      encode: (value) => proxy.encode(value),
      decode: (payload) => proxy.decode(payload),
      decodeAll: proxy.checked ? (payloads) => proxy.decodeAll(payloads) : undefined,
      plain: !proxy.checked,
    };
  }

  /**
   * The object in the memory, created on first use. Also checks that the stack has room for one operation.
   * @throws RangeError; ClosedError if the proxy has no name and was disposed
   */
  protected get object(): T {
    assertStack();
    const object = this.#object;
    return object?.there === true ? object : this.#find();
  }

  /** Returns the state in one line, as `console.log` shows it. */
  toString(): string {
    return this[inspect.custom]();
  }

  /** @internal */
  [inspect.custom](): string {
    return shown(this, quoted(this.#name));
  }

  #find(): T {
    this.#assertUsable();
    if (this.#unopened) {
      const { method, request } = this.#opener;
      const { created } = this.#shared.handler(method)!(request, CONTEXT) as { created: boolean };
      this.#unopened = false;
      this.#made(created);
    }
    return (this.#object = this.#shared.objects.openNamed(this.#kind, this.#name) as T);
  }
}

/** Call context for opening an object, which hands over nothing. */
const CONTEXT: CallContext = {
  session: { id: 'sync', host: '', pid: process.pid, label: '', holds: new Set(), lost: () => {}, warn: () => {} },
  readOnly: false,
  cancel: undefined,
  handOver: () => {},
};

/**
 * Returns the time that a wait for other threads may block.
 * @throws InvalidArgumentError for an invalid time, and on the main thread for a missing one
 */
export function blocking(options: SyncOptions | undefined, known: KnownOptions = SYNC_OPTIONS): number | undefined {
  return options === undefined && !isMainThread ? undefined : blockingAtMost(options, known);
}

function blockingAtMost(options: SyncOptions | undefined, known: KnownOptions): number | undefined {
  const timeout = timeoutOf(options, known);
  if (timeout === undefined && isMainThread) {
    throw new InvalidArgumentError(
      'the main thread must not block without limit: give a timeout, use the promise API, or use a worker thread',
    );
  }
  return timeout;
}

/** Returns the time that an operation may block which takes a lock for itself. @throws InvalidArgumentError for an invalid time */
export function passing(options: SyncOptions | undefined, known: KnownOptions = SYNC_OPTIONS): number | undefined {
  if (options === undefined) return isMainThread ? PATIENCE : undefined;
  return timeoutOf(options, known) ?? (isMainThread ? PATIENCE : undefined);
}

/** Takes something without waiting; returns undefined if it is not free. */
export function taken<T>(take: () => T): T | undefined {
  try {
    return take();
  } catch (error) {
    if (error instanceof TimeoutError) return undefined;
    throw error;
  }
}
