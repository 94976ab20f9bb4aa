import { inspect } from 'node:util';
import { InvalidArgumentError, LockLostError, NotOwnerError, TimeoutError } from '../../proto/errors.js';
import { copyOf } from '../call-site.js';
import { OWNER, type Owned, type OwnerToken, type Owners } from './owner.js';
import { shown } from '../shown.js';
import { assertTogether, priorityOf } from '../objects/arguments.js';
import type { Transport } from '../connect/transport/transport.js';
import type { Fence } from '../../proto/gen/commonhold/v1/lock_wire.js';
import type { KnownOptions, OptionNames } from '../../proto/known-options.js';
import { quoted } from '../../proto/given.js';
import { LONGEST_MS, milliseconds, timeoutOf, WAIT_OPTIONS, withoutWait, type WaitOptions } from '../wait.js';

/** Options of an acquisition. */
export interface AcquireOptions extends WaitOptions {
  /** Milliseconds after which the hold ends unless extended. Default: the hold lasts as long as the session. */
  lease?: number | undefined;
  /**
   * The owner that acquires: a token of {@link Manager.owner}, or a hold, which stands for its owner. Default: the enclosing `run(...)`;
   * outside of one, the acquisition is its own owner, or the whole client if it was opened with `owner: 'session'`.
   */
  owner?: Owner | undefined;
  /**
   * Place among the calls that wait: lower goes first, and equal ones are served first come, first served. Any number. Default: 0. The holder
   * is not interrupted. Objects in shared memory do not take it.
   */
  priority?: number | undefined;
}

export const ACQUIRE_OPTIONS = { ...WAIT_OPTIONS, lease: true, owner: true, priority: true } satisfies OptionNames<AcquireOptions>;

/** The owner of an acquisition. It decides which acquisitions re-enter, and which would wait for themselves. */
export type Owner = Held | OwnerToken;

/** Returns the fields of an acquisition for the wire, but for its owner. @throws InvalidArgumentError for an invalid or unknown option */
export function acquisitionOf(options: AcquireOptions | undefined, known: KnownOptions = ACQUIRE_OPTIONS) {
  return { timeoutMs: timeoutOf(options, known), leaseMs: leaseMs(options?.lease), priority: priorityOf(options) };
}

/** Converts a lease to its wire form. */
function leaseMs(lease: number | undefined): number | undefined {
  const ms = milliseconds('lease', lease);
  if (ms === 0) throw new InvalidArgumentError('a lease of 0 ms is over before it begins: give at least 1');
  return ms;
}

/** The calls of a hold to the manager. */
export interface HoldCalls {
  release(token: number): Promise<unknown>;
  extend(token: number, leaseMs: number): Promise<unknown>;
}

/** A hold, from its acquisition to its release. `await using` releases it on every path. */
export class Held implements AsyncDisposable, Owned {
  readonly #token: number;
  readonly #transport: Transport;
  readonly #owner: string | undefined;
  readonly #calls: HoldCalls;
  #abandoned: boolean;
  #state: 'held' | 'released' | 'lost' = 'held';
  #controller: AbortController | undefined;
  #lossReason: LockLostError | undefined;
  readonly #unwatch: () => void;

  /** @internal */
  constructor(
    transport: Transport,
    readonly object: string,
    granted: { token: number; abandoned: boolean },
    calls: HoldCalls,
    /** Name of the owner; undefined if the acquisition gave none. */
    owner?: string,
  ) {
    this.#token = granted.token;
    this.#abandoned = granted.abandoned;
    this.#transport = transport;
    this.#owner = owner;
    this.#calls = calls;
    this.#unwatch = transport.onLost(granted.token, (reason) => this.#lost(reason));
  }

  /** True if the previous hold ended without a release: its holder died or lost its lease, perhaps in the middle of a change. */
  get abandoned(): boolean {
    return this.#abandoned;
  }

  /** @internal Records that the lock came back from a holder that ended without a release. */
  resumedAbandoned(): void {
    this.#abandoned = true;
  }

  /** @internal An acquisition without a named owner is its own owner, which the engine names by its token. */
  get [OWNER](): { readonly transport: Transport; readonly name: string } {
    return { transport: this.#transport, name: this.#owner ?? `@${this.#token}` };
  }

  /** Number of the hold, which fences its writes: every new hold has a larger one. */
  get token(): bigint {
    return BigInt(this.#token);
  }

  /** @internal Returns the token of a hold for a call. @throws InvalidArgumentError if it is no hold, or a hold of another manager */
  static tokenOf(held: Held, transport: Transport): number {
    if (!(held instanceof Held)) throw new InvalidArgumentError('a write or a wait under a hold: give the result of lock() or acquire()');
    assertTogether(held.object, held.#transport, transport);
    return held.#token;
  }

  /** @internal Returns the fence of writes under a hold. Throws as {@link tokenOf}. */
  static fenceOf(held: Held, transport: Transport): Fence {
    return { token: Held.tokenOf(held, transport), name: held.object };
  }

  /** Aborts when the hold is lost, with its lease or its session. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    this.#transport.checkLease();
    if (this.#state === 'lost') this.#controller.abort(this.#lossReason);
    return this.#controller.signal;
  }

  /**
   * Releases the hold. One round trip.
   * @throws NotOwnerError if it was released already; LockLostError if the lease or the session ended
   */
  async release(): Promise<void> {
    this.assertHeld();
    this.#state = 'released';
    try {
      await this.#calls.release(this.#token);
      this.#unwatch();
    } catch (error) {
      // The release was refused, for instance because a value cannot be written: the hold remains, unless it was lost meanwhile.
      if (this.#state === 'released') this.#state = 'held';
      throw error;
    }
  }

  /**
   * Sets the lease to end `lease` milliseconds from now. One round trip.
   * @throws NotOwnerError, LockLostError as {@link release}
   */
  async extend(lease: number): Promise<void> {
    this.assertHeld();
    await this.#calls.extend(this.#token, leaseMs(lease) ?? LONGEST_MS);
  }

  /** Releases the hold. Does nothing if the hold was released or lost before, or is lost meanwhile. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#state !== 'held') return;
    try {
      await this.release();
    } catch (error) {
      if (!this.lost) throw error;
    }
  }

  /** Returns the state in one line, as `console.log` shows it. */
  toString(): string {
    return this[inspect.custom]();
  }

  /** @internal */
  [inspect.custom](): string {
    return shown(this, `${quoted(this.object)}, token ${this.#token}, ${this.#state}`);
  }

  /** @internal */
  protected get lost(): boolean {
    return this.#state === 'lost';
  }

  /** @internal Throws if the hold was released or lost. */
  assertHeld(): void {
    this.#transport.checkLease();
    if (this.#state === 'released') throw new NotOwnerError(`"${this.object}" was released already`, { object: this.object });
    if (this.#lossReason !== undefined) throw copyOf(this.#lossReason);
  }

  #lost(cause: Error): void {
    this.#state = 'lost';
    this.#lossReason = new LockLostError(`"${this.object}" is no longer held: ${cause.message}`, { object: this.object, cause });
    this.#controller?.abort(this.#lossReason);
  }
}

/** Acquires without waiting. Resolves to undefined if that is not possible. */
export async function acquiredAtOnce<O extends object>(
  acquire: (options: O & { timeout: 0 }) => Promise<Held>,
  options: O,
): Promise<Held | undefined> {
  try {
    return await acquire(withoutWait(options));
  } catch (error) {
    if (error instanceof TimeoutError) return undefined;
    throw error;
  }
}

/** Runs a task as one owner, while it holds a lock. */
export function runHeld<R>(
  owners: Owners,
  acquire: (options: AcquireOptions | undefined) => Promise<Held>,
  task: (signal: AbortSignal, held: Held) => R | Promise<R>,
  options: AcquireOptions | undefined,
): Promise<R> {
  return owners.run(options?.owner, async () => whileHeld(await acquire(options), (held) => task(held.signal, held)));
}

/**
 * Runs a task while something is held, and releases it however the task ends. If both the task and the release fail, throws the task's
 * error: the failed release is a consequence of it, or does not matter to the caller.
 */
export async function whileHeld<H extends Held, R>(held: H, task: (held: H) => R | Promise<R>): Promise<R> {
  let result: R;
  try {
    result = await task(held);
  } catch (error) {
    await held[Symbol.asyncDispose]().catch(() => {});
    throw error;
  }
  await held[Symbol.asyncDispose]();
  return result;
}
