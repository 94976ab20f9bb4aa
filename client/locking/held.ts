import { inspect } from 'node:util';
import { InvalidArgumentError, LockLostError, NotOwnerError } from '../../proto/errors.js';
import { copyOf } from '../call-site.js';
import { OWNER, type Owned, type OwnerToken } from './owner.js';
import { quoted, shown } from '../shown.js';
import { assertTogether } from '../objects/arguments.js';
import type { Transport } from '../connect/transport/transport.js';
import type { OptionNames } from '../known-options.js';
import { LONGEST_MS, milliseconds, WAIT_OPTIONS, type WaitOptions } from '../wait.js';

/** Options of acquiring. */
export interface AcquireOptions extends WaitOptions {
  /** Milliseconds after which the hold ends unless extended. Default: it lasts as long as the session. */
  lease?: number | undefined;
  /**
   * Who acquires: what {@link Manager.owner} made, or a hold, which stands for its owner. Default: the
   * `run(...)` around the call, and without one, the acquisition is an owner by itself; of a client
   * opened with `owner: 'session'`, the client.
   */
  owner?: Owner | undefined;
}

export const ACQUIRE_OPTIONS = { ...WAIT_OPTIONS, lease: true, owner: true } satisfies OptionNames<AcquireOptions>;

/** Who acquires something: it decides what re-enters, and what would wait for itself. */
export type Owner = Held | OwnerToken;

/** A lease as it travels. */
export function leaseMs(lease: number | undefined): number | undefined {
  const ms = milliseconds('lease', lease);
  if (ms === 0) throw new InvalidArgumentError('a lease of 0 ms is over before it begins: give at least 1');
  return ms;
}

/** What a hold does with the manager. */
export interface HoldCalls {
  release(token: number): Promise<unknown>;
  extend(token: number, leaseMs: number): Promise<unknown>;
}

/**
 * Something that is held, from its acquisition to its release. `await using` releases it on every
 * path.
 */
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
    /** Who holds it, where the acquisition said so. */
    owner?: string,
  ) {
    this.#token = granted.token;
    this.#abandoned = granted.abandoned;
    this.#transport = transport;
    this.#owner = owner;
    this.#calls = calls;
    this.#unwatch = transport.onLost(granted.token, (reason) => this.#lost(reason));
  }

  /** The hold before this one ended without a release: its holder died or lost its lease, perhaps in the middle of a change. */
  get abandoned(): boolean {
    return this.#abandoned;
  }

  /** @internal It came back from a holder that ended without a release. */
  resumedAbandoned(): void {
    this.#abandoned = true;
  }

  /** @internal An acquisition that named no owner is one by itself, which the engine calls by its token. */
  get [OWNER](): { readonly transport: Transport; readonly name: string } {
    return { transport: this.#transport, name: this.#owner ?? `@${this.#token}` };
  }

  /** Names the hold, and fences its writes: it grows from hold to hold. */
  get token(): bigint {
    return BigInt(this.#token);
  }

  /** @internal The token as a call to a manager has it. Throws InvalidArgumentError where what is held is another manager's. */
  tokenFor(transport: Transport): number {
    assertTogether(this.object, this.#transport, transport);
    return this.#token;
  }

  /** Aborts when the hold is lost, by its lease or with the session. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#state === 'lost') this.#controller.abort(this.#lossReason);
    return this.#controller.signal;
  }

  /**
   * Gives it back. One round trip.
   * @throws NotOwnerError when released already; LockLostError when the lease or the session ended
   */
  async release(): Promise<void> {
    this.assertHeld();
    this.#state = 'released';
    try {
      await this.#calls.release(this.#token);
      this.#unwatch();
    } catch (error) {
      // Refused, as with a value that cannot be written: it is still held, unless it was lost meanwhile.
      if (this.#state === 'released') this.#state = 'held';
      throw error;
    }
  }

  /**
   * Makes the lease end in so many milliseconds from now. One round trip.
   * @throws NotOwnerError, LockLostError as {@link release}
   */
  async extend(lease: number): Promise<void> {
    this.assertHeld();
    await this.#calls.extend(this.#token, leaseMs(lease) ?? LONGEST_MS);
  }

  /** Gives it back; silent where it was released or lost before, or is lost meanwhile: nothing is held then. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#state !== 'held') return;
    try {
      await this.release();
    } catch (error) {
      if (!this.lost) throw error;
    }
  }

  /** @internal */
  [inspect.custom](): string {
    return shown(this, `${quoted(this.object)}, token ${this.#token}, ${this.#state}`);
  }

  /** @internal */
  protected get lost(): boolean {
    return this.#state === 'lost';
  }

  /** @internal Throws where it was released or lost. */
  assertHeld(): void {
    if (this.#state === 'released') throw new NotOwnerError(`"${this.object}" was released already`, { object: this.object });
    if (this.#lossReason !== undefined) throw copyOf(this.#lossReason);
  }

  #lost(cause: Error): void {
    this.#state = 'lost';
    this.#lossReason = new LockLostError(`"${this.object}" is no longer held: ${cause.message}`, { object: this.object, cause });
    this.#controller?.abort(this.#lossReason);
  }
}

/**
 * Runs a task with something that is held, and gives it back however the task ends. Where both fail, the error is the task's:
 * a failure to give back follows from it, or changes nothing for who gets it.
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
