import { RWLockService } from '../../proto/gen/commonhold/v1/rwlock_wire.js';
import { LOCK_MODES, type LockMode } from '../../engine/core/lock-modes.js';
import { asItIs, attempt, ObjectProxy, type ProxyContext } from '../objects/object-proxy.js';
import { acquisitionOf, Held, runHeld, acquiredAtOnce, type AcquireOptions, type HoldCalls } from './held.js';
import { holderInfo, type HolderInfo } from './holder.js';

const { methods } = RWLockService;

/**
 * A lock shared between processes that many hold for reading, or one for writing: `lock.read` and `lock.write` acquire it.
 *
 * Waits are served first come, first served: a reader does not overtake a writer that waits, and readers that follow each other enter
 * together. An owner (see {@link RLock}) may acquire again for reading while it holds the lock, also while others wait, and for writing while it
 * writes; if it then releases its holds for writing first, it goes on reading. For writing while it only reads it gets DeadlockError: two
 * readers that both want to write would wait for each other.
 *
 * The end of a writer's session releases the lock, and holds have `abandoned` set until the next one for writing, which has it too. Only
 * the manager has such locks: there is no `sync`.
 */
export class RWLock extends ObjectProxy {
  /** The lock for reading, together with other readers. */
  readonly read: LockForMode;
  /** The lock for writing, alone. */
  readonly write: LockForMode;

  /** @internal */
  constructor(context: ProxyContext, name: string) {
    super(context, 'rwlock', name, { method: methods.open, request: { name, exclusive: false } }, false);
    this.read = new LockForMode(context, (options) => this.#acquire('read', options));
    this.write = new LockForMode(context, (options) => this.#acquire('write', options));
  }

  #acquire(mode: LockMode, options: AcquireOptions | undefined): Promise<Held> {
    return attempt(() => {
      const owner = this.context.owners.name(options?.owner);
      const request = { name: this.name, mode: LOCK_MODES.indexOf(mode), owner, ...acquisitionOf(options) };
      return this.call(
        methods.acquire,
        request,
        (granted) => new Held(this.context.transport, this.name, granted, this.#held, owner),
        options,
      );
    });
  }

  readonly #held: HoldCalls = {
    release: (token) => this.callForHold(methods.release, { name: this.name, token }),
    extend: (token, ms) => this.callForHold(methods.extend, { name: this.name, token, leaseMs: ms }),
  };

  /** Returns true if the lock is held, in either mode. One round trip. */
  locked(): Promise<boolean> {
    return this.call(methods.holders, { name: this.name }, ({ held }) => held > 0);
  }

  /** Returns the holders, with their `mode`, in the order in which they got the lock, at most 1,000. One round trip. */
  async holders(): Promise<HolderInfo[]> {
    const { holders } = await this.call(methods.holders, { name: this.name }, asItIs);
    return holders.map(holderInfo);
  }
}

/** A reader-writer lock in one mode: see {@link RWLock}. */
export class LockForMode {
  /** @internal */
  constructor(
    private readonly context: ProxyContext,
    private readonly acquireInMode: (options: AcquireOptions | undefined) => Promise<Held>,
  ) {}

  /**
   * Acquires the lock, waiting for it if necessary. One round trip.
   * @throws TimeoutError if the timeout ends first; the signal's reason if it aborts; DeadlockError, immediately and regardless of the
   * timeout, if owners would wait for each other in a cycle, or this owner for itself, as for writing while it only reads; NotFoundError if
   * the lock is destroyed meanwhile
   */
  acquire(options?: AcquireOptions): Promise<Held> {
    return this.acquireInMode(options);
  }

  /** Acquires the lock if that is possible without waiting. Returns undefined otherwise. Never throws DeadlockError. One round trip. */
  tryAcquire(options: Omit<AcquireOptions, 'timeout'> = {}): Promise<Held | undefined> {
    return acquiredAtOnce((options) => this.acquire(options), options);
  }

  /** Runs a task while holding the lock in this mode, as {@link Lock.run}: as one owner, and in two round trips. */
  run<R>(task: (signal: AbortSignal, held: Held) => R | Promise<R>, options?: AcquireOptions): Promise<R> {
    return runHeld(this.context.owners, this.acquireInMode, task, options);
  }
}
