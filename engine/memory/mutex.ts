import type { CallContext, Caller, Hold } from '../../proto/contract.js';
import { InvalidArgumentError, LockLostError, NotOwnerError } from '../../proto/errors.js';
import type { Holder } from '../../proto/gen/commonhold/v1/lock_wire.js';
import type { Tokens } from './tokens.js';
import { WaitList } from './waiters.js';

/** How long a hold of a unary call lasts, which has no session to end with. */
const UNARY_LEASE_MS = 30_000;
/** How many lost holds a mutex remembers, so that their holders learn what happened. */
const REMEMBERED = 64;

/** What the next holder is told. */
export interface Grant {
  token: number;
  abandoned: boolean;
}

/** What waits for the mutex: to hold it, or to do one thing while nobody does. */
type Want = { leaseMs: number | undefined } | { run: () => unknown };

/** Mutual exclusion under tokens, first come, first served. Locks and locked values are made of it. */
export class Mutex {
  #tenure: Tenure | undefined;
  #abandoned = false;
  readonly #lost = new Set<number>();
  readonly #waiting = new WaitList<Want, unknown>();

  constructor(
    readonly name: string,
    readonly tokens: Tokens,
  ) {}

  get waiters(): number {
    return this.#waiting.size;
  }

  get held(): boolean {
    return this.#tenure !== undefined;
  }

  holder(): Holder | undefined {
    return this.#tenure?.describe();
  }

  acquire(context: CallContext, timeoutMs: number | undefined, leaseMs: number | undefined): Grant | Promise<Grant> {
    if (leaseMs === 0) throw new InvalidArgumentError('a lease of 0 ms is over before it begins: give at least 1', { object: this.name });
    if (this.#tenure === undefined) return this.#grant(context, leaseMs);
    return this.#waiting.wait(context, { leaseMs }, timeoutMs) as Promise<Grant>;
  }

  /** Runs something while nobody holds the mutex. */
  whenFree<R>(context: CallContext, timeoutMs: number | undefined, run: () => R): R | Promise<R> {
    if (this.#tenure === undefined) return run();
    return this.#waiting.wait(context, { run }, timeoutMs) as Promise<R>;
  }

  release(token: number): void {
    this.#end(this.#tenureOf(token));
  }

  extend(token: number, leaseMs: number): void {
    if (leaseMs === 0) throw new InvalidArgumentError('a lease of 0 ms is over before it begins: give at least 1', { object: this.name });
    this.#tenureOf(token).startLease(leaseMs);
  }

  /** The mutex is gone: all who wait fail with this error, and the holder holds nothing. */
  destroy(error: () => Error): void {
    this.#waiting.failAll(error);
    const tenure = this.#tenure;
    if (tenure === undefined) return;
    this.#end(tenure);
    tenure.caller.lost(tenure.token);
  }

  /** Fails unless the token holds the mutex. */
  check(token: number): void {
    this.#tenureOf(token);
  }

  #tenureOf(token: number): Tenure {
    if (this.#tenure?.token === token) return this.#tenure;
    if (this.#lost.has(token)) {
      throw new LockLostError(`token ${token} no longer holds "${this.name}": its lease ended`, { object: this.name });
    }
    throw new NotOwnerError(`token ${token} does not hold "${this.name}"`, { object: this.name });
  }

  #grant(context: CallContext, leaseMs: number | undefined): Grant {
    const tenure = new Tenure(context.session, this.tokens.next(), {
      died: () => this.#end(tenure, { abandoned: true }),
      expired: () => {
        this.#remember(tenure.token);
        this.#end(tenure, { abandoned: true });
        tenure.caller.lost(tenure.token);
      },
    });
    const lease = leaseMs ?? (context.session.id === '' ? UNARY_LEASE_MS : undefined);
    if (lease !== undefined) tenure.startLease(lease);
    const abandoned = this.#abandoned;
    this.#abandoned = false;
    this.#tenure = tenure;
    context.handOver(() => {
      if (this.#tenure === tenure) this.#end(tenure, { abandoned });
    });
    return { token: tenure.token, abandoned };
  }

  #end(tenure: Tenure, { abandoned } = { abandoned: false }): void {
    tenure.end();
    this.#tenure = undefined;
    this.#abandoned = abandoned;
    this.#serve();
  }

  #serve(): void {
    for (let waiter = this.#waiting.first; waiter !== undefined && this.#tenure === undefined; waiter = this.#waiting.first) {
      const { want, context } = waiter;
      try {
        waiter.succeed('run' in want ? want.run() : this.#grant(context, want.leaseMs));
      } catch (error) {
        waiter.fail(error as Error);
      }
    }
  }

  #remember(token: number): void {
    this.#lost.add(token);
    if (this.#lost.size > REMEMBERED) this.#lost.delete(this.#lost.values().next().value!);
  }
}

/** One hold of a mutex, from grant to release. */
class Tenure implements Hold {
  readonly #since = performance.now();
  #timer: NodeJS.Timeout | undefined;
  #leaseEnd: number | undefined;

  constructor(
    readonly caller: Caller,
    readonly token: number,
    readonly ends: { died: () => void; expired: () => void },
  ) {
    caller.holds.add(this);
  }

  abandon(): void {
    this.ends.died();
  }

  startLease(ms: number): void {
    clearTimeout(this.#timer);
    this.#leaseEnd = performance.now() + ms;
    this.#timer = setTimeout(this.ends.expired, Math.min(ms, 2 ** 31 - 1));
  }

  end(): void {
    clearTimeout(this.#timer);
    this.caller.holds.delete(this);
  }

  describe(): Holder {
    const { id, host, pid, label } = this.caller;
    const now = performance.now();
    const leaseRemainingMs = this.#leaseEnd === undefined ? undefined : Math.max(0, Math.round(this.#leaseEnd - now));
    return { token: this.token, sessionId: id, host, pid, label, heldMs: Math.round(now - this.#since), leaseRemainingMs };
  }
}
