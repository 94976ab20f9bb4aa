import { UnimplementedError } from '../../proto/errors.js';
import { checkOptions } from '../../proto/known-options.js';
import { quoted } from '../../proto/given.js';
import type { Manager } from '../connect/manager.js';

/** Mode of a request: alone, or together with other shared ones. */
export type WebLockMode = 'exclusive' | 'shared';

/** A lock that a callback holds. */
export interface WebLock {
  readonly name: string;
  readonly mode: WebLockMode;
  /** Aborts when the lock is lost with the session, before the callback has ended. Browsers have no such signal. */
  readonly signal: AbortSignal;
}

/** Options of a request. */
export interface WebLockOptions {
  /** Default: `'exclusive'`. */
  mode?: WebLockMode | undefined;
  /** If true, the callback is called with `null` where the lock cannot be had at once. Default: false. */
  ifAvailable?: boolean | undefined;
  /** Refused: a lock cannot be taken from its holder. */
  steal?: boolean | undefined;
  /** Gives the request up while it waits. Default: none. */
  signal?: AbortSignal | undefined;
}

/** A lock that is held, or a request that waits, as {@link LockManager.query} shows it. */
export interface WebLockInfo {
  readonly name: string;
  readonly mode: WebLockMode;
  /** The session of its client. */
  readonly clientId: string;
}

type LockGrantedCallback<L, R> = (lock: L) => R | PromiseLike<R>;

/**
 * The Web Locks API, as `navigator.locks` has it, for all processes of a manager: each lock is a rwlock. A request is served in its turn,
 * and a lock is free when its callback has ended, or its process. As in browsers, a request never re-enters a lock. All but `steal`.
 */
export class LockManager {
  readonly #manager: Manager;
  readonly #prefix: string;

  /** @param options `prefix`: beginning of the names of the rwlocks. Default: `'web-locks:'` */
  constructor(manager: Manager, options: { prefix?: string | undefined } = {}) {
    this.#manager = manager;
    checkOptions(options, { prefix: true });
    this.#prefix = options.prefix ?? 'web-locks:';
  }

  /**
   * Calls a function while holding a lock, and returns its result. Two round trips.
   * @throws the function's error; the signal's reason; UnimplementedError for `steal`; LockLostError if the lock was lost with the session
   * meanwhile; TypeError, and a DOMException named NotSupportedError, as browsers do
   */
  request<R>(name: string, callback: LockGrantedCallback<WebLock, R>): Promise<R>;
  request<R>(name: string, options: WebLockOptions, callback: LockGrantedCallback<WebLock | null, R>): Promise<R>;
  async request<R>(
    name: string,
    ...rest: [LockGrantedCallback<WebLock, R>] | [WebLockOptions, LockGrantedCallback<WebLock | null, R>]
  ): Promise<R> {
    const [options, callback] = rest.length === 1 ? [{}, rest[0] as LockGrantedCallback<WebLock | null, R>] : rest;
    const { mode = 'exclusive', ifAvailable = false, signal } = options;
    assertRequest(name, options, callback);

    const rwlock = this.#manager.rwlock(this.#prefix + name);
    const lock = mode === 'shared' ? rwlock.read : rwlock.write;
    // An owner of its own: within a `run`, the acquisition would re-enter.
    const owner = this.#manager.owner('web-locks');
    const held = ifAvailable ? await lock.tryAcquire({ owner }) : await lock.acquire({ owner, signal });
    if (held === undefined) return callback(null);
    try {
      const result = await callback({ name, mode, signal: held.signal });
      await held.release();
      return result;
    } finally {
      await held[Symbol.asyncDispose]();
    }
  }

  /** Returns the locks that are held, and the requests that wait, of all clients, in the order of their turns. One round trip. */
  async query(): Promise<{ held: WebLockInfo[]; pending: WebLockInfo[] }> {
    const { locks } = await this.#manager.locks();
    const ours = locks.filter(({ kind, name }) => kind === 'rwlock' && name.startsWith(this.#prefix));
    const info =
      (name: string) =>
      (of: { mode: 'read' | 'write' | undefined; sessionId: string }): WebLockInfo => ({
        name: name.slice(this.#prefix.length),
        mode: of.mode === 'read' ? 'shared' : 'exclusive',
        clientId: of.sessionId,
      });
    return {
      held: ours.flatMap(({ name, holders }) => holders.map(info(name))),
      pending: ours.flatMap(({ name, waiters }) => waiters.map(info(name))),
    };
  }
}

/** Throws as browsers do where a request contradicts itself. */
function assertRequest(name: string, { mode, ifAvailable, steal, signal }: WebLockOptions, callback: unknown): void {
  if (typeof callback !== 'function') throw new TypeError('the last argument is not a function: give the one that is called with the lock');
  if (mode !== undefined && mode !== 'exclusive' && mode !== 'shared') {
    throw new TypeError(`mode is ${quoted(mode)}: give 'exclusive' or 'shared'`);
  }
  if (steal) throw new UnimplementedError('steal is not offered: abort the holder, or end its session, and the lock is free');
  if (name.startsWith('-')) throw new DOMException(`"${name}" begins with "-", which is reserved`, 'NotSupportedError');
  if (signal && ifAvailable) throw new DOMException('signal and ifAvailable exclude each other', 'NotSupportedError');
  signal?.throwIfAborted();
}
