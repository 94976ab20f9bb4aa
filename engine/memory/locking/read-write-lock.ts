import type { CallContext, Caller } from '../../../proto/contract.js';
import type { Holder } from '../../../proto/gen/commonhold/v1/lock_wire.js';
import type { Stateful, StateOf } from '../../../proto/state.js';
import type { Future } from '../../core/future.js';
import { Lease, checkLease } from '../../core/lease.js';
import { LOCK_MODES, type LockMode } from '../../core/lock-modes.js';
import type { Acquisition, LockGrant } from '../../core/mutex-handlers.js';
import { Ownership, checkOwner } from '../../core/ownership.js';
import { priorityOf } from '../../core/priority.js';
import type { Restoring } from '../../core/restoring.js';
import { give, QueuedLock, type Exclusion } from './queued-lock.js';

/** One level of a hold. */
interface Level {
  readonly lease: Lease;
  readonly mode: LockMode;
  readonly hold: Ownership;
}

/** A lock that many owners hold for reading, or one for writing. Readers do not overtake a writer that waits. */
export class ReadWriteLock extends QueuedLock implements Stateful {
  readonly selfWait =
    'a hold for reading does not become one for writing, since two readers that want to write would wait for each other; release it first, ' +
    'or acquire for writing from the start';
  /** The holds in the order in which they began, by their owners. */
  readonly #holds = new Map<string, Ownership>();
  readonly #levels = new Map<number, Level>();
  /** Number of levels for writing. All of them are levels of one hold. */
  #writing = 0;
  /** True if the last hold for writing ended without a release. Readers see it, and the next writer takes it. */
  #abandoned = false;

  constructor(name: string, exclusion: Exclusion) {
    super(name, exclusion, () => this.#serve());
  }

  get ownerships(): Iterable<Ownership> {
    return this.#holds.values();
  }

  get held(): number {
    return this.#holds.size;
  }

  /** The holders, in the order in which they got the lock. */
  *holders(): Generator<Holder> {
    for (const hold of this.#holds.values()) {
      const mode = LOCK_MODES.indexOf(this.#writing > 0 ? 'write' : 'read');
      yield { ...hold.describe(), mode };
    }
  }

  state() {
    const holds = Array.from(this.#holds.values(), (hold) => ({
      ...hold.state(),
      modes: hold.levels.map(({ token }) => this.#levels.get(token)!.mode),
    }));
    return { holds, abandoned: this.#abandoned, ...this.queueState() };
  }

  restore({ holds, abandoned, ...queue }: StateOf<ReadWriteLock>, restoring: Restoring): void {
    for (const state of holds) {
      const levels = state.levels.map((level) => {
        const lease = this.#lease(restoring.caller(level.caller), level.token, undefined);
        lease.restore(level, restoring);
        return lease;
      });
      const hold = Ownership.restored(state, levels);
      this.#holds.set(keyOf(hold.caller, hold.owner), hold);
      levels.forEach((lease, index) => this.#enter({ lease, mode: state.modes[index]!, hold }));
    }
    this.#abandoned = abandoned;
    this.restoreQueue(queue, restoring);
  }

  acquire(context: CallContext, mode: LockMode, wanted: Acquisition): LockGrant | Future<LockGrant> {
    const { leaseMs, owner, timeoutMs } = wanted;
    checkLease(this.name, leaseMs);
    checkOwner(this.name, owner);
    const request = {
      take: (): LockGrant => this.#grant(context, mode, leaseMs, owner),
      caller: context.session,
      owner,
      mode,
      priority: priorityOf(this.name, wanted),
      since: this.queue.since(context),
      endless: timeoutMs === undefined,
      asked: [mode, leaseMs] as const,
    };
    const own = this.#holdOf(context.session, owner);
    const enters = own === undefined ? this.#admits(mode) && this.queue.leads(request) : this.#reenters(mode);
    if (!enters) return this.wait(context, request, timeoutMs) as Future<LockGrant>;
    const grant = request.take();
    // It went before others by its priority, and they wait for it now.
    if (own === undefined && this.queue.size > 0) this.changedHands();
    return grant;
  }

  release(token: number): void {
    this.#end(this.#levelOf(token).lease);
  }

  extend(token: number, leaseMs: number): void {
    checkLease(this.name, leaseMs);
    this.#levelOf(token).lease.startLease(leaseMs);
  }

  /** Returns true if the token holds the lock for writing now. */
  writesUnder(token: number): boolean {
    return this.#levels.get(token)?.mode === 'write';
  }

  /** Destroys the lock: fails all waits with this error, and ends all holds. */
  destroy(error: () => Error): void {
    this.queue.failAll(error);
    for (const { levels } of this.#holds.values()) {
      for (const lease of levels) {
        lease.end();
        lease.caller.lost(lease.token);
      }
    }
    this.#levels.clear();
    this.#holds.clear();
    this.#writing = 0;
  }

  /** Returns true if an owner without a hold may have the lock now. */
  #admits(mode: LockMode): boolean {
    return this.#holds.size === 0 || (mode === 'read' && this.#writing === 0);
  }

  /** Returns true if an owner with a hold may have one more level of it. It would otherwise wait for itself. */
  #reenters(mode: LockMode): boolean {
    return mode === 'read' || this.#writing > 0;
  }

  /** Finds the hold of an owner, or of the nearest owner for which it acts. */
  #holdOf(caller: Caller, owner: string | undefined): Ownership | undefined {
    for (let name = owner; name !== undefined; name = nameAbove(name)) {
      const hold = this.#holds.get(keyOf(caller, name));
      if (hold !== undefined) return hold;
    }
    return undefined;
  }

  #levelOf(token: number): Level {
    const level = this.#levels.get(token);
    if (level === undefined) throw this.lost.refusal(token);
    return level;
  }

  #grant(context: CallContext, mode: LockMode, leaseMs: number | undefined, owner: string | undefined): LockGrant {
    const lease = this.#lease(context.session, this.exclusion.tokens.next(), leaseMs);
    let hold = this.#holdOf(context.session, owner);
    if (hold === undefined) {
      hold = new Ownership(lease, owner);
      this.#holds.set(keyOf(hold.caller, hold.owner), hold);
    } else {
      hold.levels.push(lease);
    }
    const abandoned = this.#abandoned && this.#writing === 0;
    if (mode === 'write' && this.#writing === 0) {
      lease.foundAbandoned = abandoned;
      this.#abandoned = false;
    }
    this.#enter({ lease, mode, hold });
    context.handOver(lease);
    return { token: lease.token, abandoned };
  }

  #enter(level: Level): void {
    this.#levels.set(level.lease.token, level);
    if (level.mode === 'write') this.#writing++;
  }

  #lease(caller: Caller, token: number, leaseMs: number | undefined): Lease {
    const lease = new Lease(this.exclusion.tokens, caller, token, leaseMs, {
      died: () => this.#end(lease, { abandoned: true }),
      expired: () => {
        this.lost.add(token);
        this.#end(lease, { abandoned: true });
        caller.lost(token);
      },
      givenBack: (died) => this.#end(lease, { abandoned: lease.foundAbandoned || died }),
    });
    return lease;
  }

  /** Ends a level. Does nothing if it has ended before. */
  #end(lease: Lease, { abandoned } = { abandoned: false }): void {
    const level = this.#levels.get(lease.token);
    if (level === undefined) return;
    const { hold, mode } = level;
    lease.end();
    this.#levels.delete(lease.token);
    hold.drop(lease);
    if (hold.levels.length === 0) this.#holds.delete(keyOf(hold.caller, hold.owner));
    if (mode === 'write') {
      this.#writing--;
      this.#abandoned ||= abandoned;
    }
    this.#serve();
  }

  #serve(): void {
    const waited = this.queue.size;
    for (let { first } = this.queue; first && this.#admits(first.want.mode!); { first } = this.queue) give(first);
    if (this.queue.size === waited || this.queue.size === 0) return;
    // Others of the owners that have it now enter too. One that reads and waits to write is a cycle, which the handover ends.
    for (const hold of this.#holds.values()) {
      if (!this.exclusion.waits.waitsFor(hold, this)) continue;
      for (const waiter of this.queue.allOf(hold)) if (this.#reenters(waiter.want.mode!)) give(waiter);
    }
    if (this.queue.size > 0) this.changedHands();
  }
}

function keyOf({ id }: Caller, owner: string): string {
  return `${id} ${owner}`;
}

/** Returns the name of the owner for which one acts. */
function nameAbove(owner: string): string | undefined {
  const end = owner.lastIndexOf('/');
  return end < 0 ? undefined : owner.slice(0, end);
}
