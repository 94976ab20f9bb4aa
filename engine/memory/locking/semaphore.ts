import type { CallContext, Caller, HandedOver, Handlers } from '../../../proto/contract.js';
import { InvalidArgumentError, NotFoundError, OptionsConflictError, OutOfRangeError } from '../../../proto/errors.js';
import type { Holder } from '../../../proto/gen/commonhold/v1/lock_wire.js';
import type {
  SemaphoreService,
  SemaphoreServiceAcquireResponse,
  SemaphoreServiceConsumeResponse,
} from '../../../proto/gen/commonhold/v1/semaphore_wire.js';
import type { StateOf } from '../../../proto/state.js';
import { SharedObject, type Keyspace, type ObjectKind } from '../lifetime/keyspace.js';
import type { Future } from '../../core/future.js';
import { permitsTooLong, type PermitHolders } from '../../core/late.js';
import { LostHolds, Lease, checkLease } from '../../core/lease.js';
import { priorityOf } from '../../core/priority.js';
import type { Restoring } from '../../core/restoring.js';
import type { PermitRequest } from '../../core/permit-request.js';
import { Ownership } from '../../core/ownership.js';
import { LockQueue, requestState, type Lockable, type LockRequest } from './lock-queue.js';
import type { Exclusion } from './queued-lock.js';

/** Maximum number of permits of a semaphore, free and held. The contract has 32 bits for it. */
const MOST_PERMITS = 2 ** 32 - 1;

/** Permits held under one token. */
interface HeldPermits {
  readonly lease: Lease;
  readonly permits: number;
}

type PermitAnswer = SemaphoreServiceAcquireResponse | SemaphoreServiceConsumeResponse;

/** A call that waits for permits, to hold them or to use them up. */
interface WaitingPermits extends LockRequest {
  readonly permits: number;
}

/** Permits under tokens, first come, first served, as Python's Semaphore and BoundedSemaphore. */
export class MemorySemaphore extends SharedObject implements Lockable {
  readonly kind = 'semaphore';
  readonly size = 1;
  readonly selfWait = 'release them first: a semaphore does not re-enter';
  /** Calls that wait for permits. The first one wants more than are free. */
  readonly queue: LockQueue;
  readonly #holdings = new Map<number, HeldPermits>();
  readonly #lost: LostHolds;
  #available: number;
  #held = 0;
  #changedHandsAt = 0;

  constructor(
    name: string,
    readonly exclusion: Exclusion,
    /** Number of permits at the start, and the bound of a bounded semaphore. */
    readonly permits: number,
    readonly bounded: boolean,
  ) {
    super(name);
    this.queue = new LockQueue(exclusion.tokens.clock, this, exclusion.waits, () => this.#serve());
    this.#lost = new LostHolds(name);
    this.#available = permits;
  }

  get available(): number {
    return this.#available;
  }

  override get waiters(): number {
    return this.queue.size;
  }

  /** Number of holders. */
  get held(): number {
    return this.#holdings.size;
  }

  get changedHandsAt(): number {
    return this.#changedHandsAt;
  }

  /** The one hold without which no permits come back, if there is such a one: to it, a wait is as to the hold of a lock. */
  get ownerships(): Ownership[] {
    const [only, ...others] = this.#holdings.values();
    const areAllThere = this.#held + this.#available === this.permits;
    return only !== undefined && others.length === 0 && areAllThere ? [new Ownership(only.lease, undefined)] : [];
  }

  /** The calls that wait, in the order in which they are served. */
  requests(): Iterable<LockRequest> {
    return this.queue.requests();
  }

  override options(): Record<string, string> {
    return { permits: String(this.permits), bounded: String(this.bounded), available: String(this.#available) };
  }

  /** The number of held permits is that of the holdings. */
  override state() {
    return {
      permits: this.permits,
      bounded: this.bounded,
      available: this.#available,
      holdings: Array.from(this.#holdings.values(), ({ lease, permits }) => [lease.state(), permits] as const),
      lost: this.#lost.state(),
      changedHandsAt: this.#changedHandsAt,
      queue: this.queue.state(requestState),
    };
  }

  override restore({ available, holdings, lost, changedHandsAt, queue }: StateOf<MemorySemaphore>, restoring: Restoring): void {
    this.#available = available;
    for (const [state, permits] of holdings) {
      this.#hold(restoring.caller(state.caller), state.token, permits, undefined).restore(state, restoring);
    }
    this.#lost.restore(lost);
    this.#changedHandsAt = changedHandsAt;
    this.queue.restore(queue, restoring);
  }

  override holders() {
    return Array.from(this.#holdings.values(), ({ lease, permits }): Holder => ({ ...lease.describe(), permits }));
  }

  /** Takes permits under a token, at once or after a wait. */
  acquire(context: CallContext, wanted: PermitRequest): SemaphoreServiceAcquireResponse | Future<SemaphoreServiceAcquireResponse> {
    const { leaseMs } = wanted;
    checkLease(this.name, leaseMs);
    return this.#whenFree(context, wanted, (permits) => {
      const lease = this.#hold(context.session, this.exclusion.tokens.next(), permits, leaseMs);
      context.handOver(lease);
      return { token: lease.token };
    });
  }

  /** Takes permits that only {@link add} brings back, at once or after a wait. */
  consume(context: CallContext, wanted: PermitRequest): SemaphoreServiceConsumeResponse | Future<SemaphoreServiceConsumeResponse> {
    return this.#whenFree(context, wanted, (permits) => {
      context.handOver(new HandedPermits(this, permits));
      return {};
    });
  }

  #whenFree<R extends PermitAnswer>(context: CallContext, wanted: PermitRequest, give: (permits: number) => R): R | Future<R> {
    const { leaseMs, timeoutMs } = wanted;
    const permits = wanted.permits || 1;
    if (this.bounded && permits > this.permits) {
      throw new OutOfRangeError(`${permits} permits of "${this.name}", which has ${this.permits} and never more: ask for fewer`, {
        object: this.name,
      });
    }
    const take = (): R => {
      this.#available -= permits;
      return give(permits);
    };
    const want: WaitingPermits = {
      permits,
      caller: context.session,
      since: this.queue.since(context),
      priority: priorityOf(this.name, wanted),
      endless: timeoutMs === undefined,
      asked: { permits, leaseMs },
      take,
    };
    if (permits <= this.#available && this.queue.leads(want)) return take();
    return this.queue.wait(context, want, timeoutMs, (_want, late) =>
      permitsTooLong(this.name, permits, this.#available, this.#firstHolder(), late),
    ) as Future<R>;
  }

  release(token: number): void {
    this.#end(this.#holdingOf(token));
  }

  extend(token: number, leaseMs: number): void {
    checkLease(this.name, leaseMs);
    this.#holdingOf(token).lease.startLease(leaseMs);
  }

  add(permits: number): void {
    if (this.bounded && this.#available + permits > this.permits) {
      throw new InvalidArgumentError(
        `${permits} more permits for "${this.name}", where ${this.#available} are free and its bound is ${this.permits}: release only what was acquired`,
        { object: this.name },
      );
    }
    if (this.#available + this.#held + permits > MOST_PERMITS) {
      throw new OutOfRangeError(`"${this.name}" would have more than ${MOST_PERMITS} permits`, { object: this.name });
    }
    this.#available += permits;
    this.#serve();
  }

  override destroyed(gone: () => NotFoundError): void {
    this.queue.failAll(gone);
    for (const { lease } of this.#holdings.values()) {
      lease.end();
      lease.caller.lost(lease.token);
    }
    this.#holdings.clear();
  }

  #holdingOf(token: number): HeldPermits {
    const holding = this.#holdings.get(token);
    if (holding === undefined) throw this.#lost.refusal(token);
    return holding;
  }

  #hold(caller: Caller, token: number, permits: number, leaseMs: number | undefined): Lease {
    const lease = new Lease(this.exclusion.tokens, caller, token, leaseMs, {
      died: () => this.#end(holding),
      expired: () => {
        this.#lost.add(token);
        this.#end(holding);
        caller.lost(token);
      },
      givenBack: () => {
        if (this.#holdings.has(token)) this.#end(holding);
      },
    });
    const holding: HeldPermits = { lease, permits };
    this.#holdings.set(token, holding);
    this.#held += permits;
    return lease;
  }

  #firstHolder(): PermitHolders {
    const [first] = this.#holdings.values();
    return { first: first?.lease.describe(), count: this.#holdings.size };
  }

  #end({ lease, permits }: HeldPermits): void {
    lease.end();
    this.#holdings.delete(lease.token);
    this.#held -= permits;
    this.giveBack(permits);
  }

  /** Brings back permits that a call had taken. */
  giveBack(permits: number): void {
    // Permits of a bounded semaphore that add() has already returned for a holder are not returned again.
    const room = this.bounded ? Math.max(0, this.permits - this.#held - this.#available) : permits;
    this.#available += Math.min(permits, room);
    this.#serve();
  }

  #serve(): void {
    let served = false;
    for (let waiter = this.queue.first; waiter && waiter.want.permits! <= this.#available; waiter = this.queue.first) {
      waiter.succeed(waiter.want.take());
      served = true;
    }
    if (served && this.queue.size > 0) this.#changedHands();
  }

  #changedHands(): void {
    const { tokens, waits } = this.exclusion;
    this.#changedHandsAt = tokens.clock.now;
    waits.changedHands();
  }
}

/** Permits that a call has used up, until it is known that its client has the answer. */
export class HandedPermits implements HandedOver {
  constructor(
    private readonly semaphore: MemorySemaphore,
    private readonly permits: number,
  ) {}

  giveBack(): void {
    this.semaphore.giveBack(this.permits);
  }

  state() {
    const { name, links } = this.semaphore;
    return { handed: 'permits', semaphore: name, ended: links.ended, permits: this.permits } as const;
  }
}

/** Finds existing semaphores. A call that gives only a name cannot make one. */
const kind: ObjectKind<MemorySemaphore> = {
  kind: 'semaphore',
  make(name) {
    throw new NotFoundError(`there is no semaphore "${name}": open it with its permits first`, { object: name });
  },
};

export function semaphoreHandlers(keyspace: Keyspace, exclusion: Exclusion): Handlers<typeof SemaphoreService> {
  return {
    open(request, context) {
      const { name, permits, bounded } = request;
      const make = (): MemorySemaphore =>
        permits === undefined ? kind.make(name, keyspace) : new MemorySemaphore(name, exclusion, permits, bounded ?? false);
      const { object, created } = keyspace.create({ kind: kind.kind, make }, request, context);
      if (permits !== undefined && object.permits !== permits) {
        throw new OptionsConflictError(`"${name}" was made with ${object.permits} permits, not ${permits}`, { object: name });
      }
      if (bounded !== undefined && object.bounded !== bounded) {
        throw new OptionsConflictError(`"${name}" is ${object.bounded ? 'a bounded' : 'not a bounded'} semaphore`, { object: name });
      }
      return { created };
    },

    acquire: (request, context) => keyspace.open(kind, request.name, context).acquire(context, request),

    consume: (request, context) => keyspace.open(kind, request.name, context).consume(context, request),

    release({ name, token }, context) {
      keyspace.open(kind, name, context).release(token);
      return {};
    },

    extend({ name, token, leaseMs }, context) {
      keyspace.open(kind, name, context).extend(token, leaseMs);
      return {};
    },

    add({ name, permits }, context) {
      keyspace.open(kind, name, context).add(permits || 1);
      return {};
    },

    available({ name }, context) {
      const { available, waiters } = keyspace.open(kind, name, context);
      return { permits: available, waiters };
    },
  };
}
