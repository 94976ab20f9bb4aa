import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Future } from '../../../engine/core/future.js';
import type { LockGrant } from '../../../engine/core/mutex-handlers.js';
import { MemoryMutex } from '../../../engine/memory/locking/mutex.js';
import { WaitGraph } from '../../../engine/memory/locking/wait-for-graph.js';
import { Session } from '../../../engine/core/session.js';
import type { CallContext } from '../../../proto/contract.js';
import { isThenable } from '../../../proto/thenable.js';
import { CancelledError, DeadlockError, InvalidArgumentError } from '../../../proto/errors.js';
import { stress } from '../../support/stress.js';
import { realClock } from '../../support/turns.js';
import { GrowingNumbers } from '../../../engine/core/growing-numbers.js';

class Call implements CallContext {
  readonly readOnly = false;
  cancel: ((reason: Error) => void) | undefined;

  constructor(readonly session: Session) {}

  handOver(): void {}
}

/** A session, and the owner under which it acquires. */
interface Who {
  session: Session;
  owner: string | undefined;
}

/** An acquisition that holds or waits. */
interface Taking extends Who {
  mutex: MemoryMutex;
  call: Call;
  token: number | undefined;
  error: unknown;
}

/** True if the holder, by its name or token, is an owner for which the other acts, so that the other would wait for itself. */
function actsFor(one: Who, holder: Taking): boolean {
  if (one.owner === undefined || one.session !== holder.session) return false;
  const name = holder.owner ?? `@${holder.token}`;
  return one.owner === name || one.owner.startsWith(`${name}/`);
}

/** A model of mutexes that finds deadlocks by a search over all holds and waits. */
class World {
  readonly clock = realClock();
  readonly waits = new WaitGraph(this.clock);
  readonly mutexes: MemoryMutex[];
  readonly all: Taking[] = [];

  constructor(count: number, reentrant: boolean) {
    const exclusion = { tokens: new GrowingNumbers(this.clock), waits: this.waits };
    this.mutexes = Array.from({ length: count }, (_, index) => new MemoryMutex(`m${index}`, exclusion, reentrant && index % 2 === 0));
  }

  get waiting(): Taking[] {
    return this.all.filter(({ token }) => token === undefined);
  }

  /** The holder whose name stands for all levels: the first. */
  holderOf(mutex: MemoryMutex): Taking | undefined {
    const token = mutex.holder()?.token;
    if (token === undefined) return undefined;
    const first = this.all.find((taking) => taking.token === token);
    const ownership = mutex.ownerships[0]!;
    return first && { ...first, owner: ownership.owner };
  }

  /** The holders for which an acquisition of the mutex would wait, directly and through others. */
  reached(mutex: MemoryMutex, seen = new Set<MemoryMutex>()): Taking[] {
    const holder = this.holderOf(mutex);
    if (holder === undefined || seen.has(mutex)) return [];
    seen.add(mutex);
    const further = this.waiting.filter((taking) => actsFor(taking, holder)).flatMap((taking) => this.reached(taking.mutex, seen));
    return [holder, ...further];
  }

  /** True if the acquisition would wait for itself. */
  wouldClose(who: Who, mutex: MemoryMutex): boolean {
    return this.reached(mutex).some((holder) => actsFor(who, holder));
  }

  acquire(who: Who, mutex: MemoryMutex): void {
    const holder = this.holderOf(mutex);
    const enters = holder === undefined || (mutex.reentrant && actsFor(who, holder));
    const closes = !enters && this.wouldClose(who, mutex);
    const taking: Taking = { ...who, mutex, call: new Call(who.session), token: undefined, error: undefined };
    let answer: LockGrant | PromiseLike<LockGrant>;
    try {
      answer = this.clock.turn(() => mutex.acquire(taking.call, { owner: who.owner }));
    } catch (error) {
      expect(error).toBeInstanceOf(DeadlockError);
      expect(closes).toBe(true);
      this.expectCycle((error as DeadlockError).cycle, who, mutex);
      return;
    }
    expect(closes).toBe(false);
    this.all.push(taking);
    expect(isThenable(answer)).toBe(!enters);
    if (isThenable(answer)) {
      answer.then(
        ({ token }) => (taking.token = token),
        (error: unknown) => {
          this.all.splice(this.all.indexOf(taking), 1);
          taking.error = error;
        },
      );
    } else taking.token = answer.token;
    this.settle();
  }

  /** Expects the first step to be the failed acquisition, and each step to wait for a mutex that the next one holds. */
  expectCycle(cycle: DeadlockError['cycle'], who: Who, mutex: MemoryMutex): void {
    expect(cycle[0]).toMatchObject({ object: mutex.name, sessionId: who.session.id, owner: who.owner });
    cycle.forEach(({ object }, index) => {
      const next = cycle[(index + 1) % cycle.length]!;
      const holder = this.holderOf(this.mutexes.find(({ name }) => name === object)!)!;
      const session = holder.session.id === next.sessionId ? holder.session : new Session('other');
      expect(actsFor({ session, owner: next.owner }, holder)).toBe(true);
    });
  }

  release(index: number): void {
    const held = this.all.filter(({ token }) => token !== undefined);
    const taking = held[index % held.length];
    if (taking === undefined) return;
    this.all.splice(this.all.indexOf(taking), 1);
    const behind = this.waiting.filter(({ mutex }) => mutex === taking.mutex);
    const before = this.waiting;
    this.clock.turn(() => taking.mutex.release(taking.token!));
    this.settle();
    for (const { error, mutex } of before) {
      if (error === undefined) continue;
      // An acquisition can fail if the mutex went to another.
      expect(error).toBeInstanceOf(DeadlockError);
      expect(mutex).toBe(taking.mutex);
    }
    // None fails without need: one of them has the lock now, and waits elsewhere, or they are of one owner.
    const failed = behind.filter(({ error }) => error !== undefined);
    if (failed.length > 0) expect(behind.some(({ token }) => token !== undefined)).toBe(true);
  }

  giveUp(index: number): void {
    const { waiting } = this;
    const taking = waiting[index % waiting.length];
    this.clock.turn(() => taking?.call.cancel?.(new CancelledError('enough')));
    this.settle();
    if (taking) expect(taking.error).toBeInstanceOf(CancelledError);
  }

  /** Expects that no acquisition waits in a cycle. */
  settle(): void {
    expect(this.waiting.filter((taking) => this.wouldClose(taking, taking.mutex))).toEqual([]);
    const waiters = this.mutexes.map((mutex) => this.waiting.filter((taking) => taking.mutex === mutex).length);
    expect(this.mutexes.map((mutex) => mutex.waiters)).toEqual(waiters);
  }
}

type Step = { acquire: { session: number; owner: string | undefined; mutex: number } } | { release: number } | { giveUp: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      acquire: fc.record({
        session: fc.nat(1),
        owner: fc.constantFrom(undefined, 'a', 'a/b', 'a/c', 'a/b/d', 'ab', 'e'),
        mutex: fc.nat(3),
      }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ release: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ giveUp: fc.nat(20) }) },
);

describe.each([false, true])('mutexes, some of which re-enter: %s', (reentrant) => {
  test('fail exactly if a wait would close a cycle, and never leave one', () => {
    let deadlocks = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 60, size: 'max' }), (steps) => {
        const world = new World(4, reentrant);
        const sessions = [new Session('one'), new Session('two')];
        for (const one of steps) {
          if ('release' in one) world.release(one.release);
          else if ('giveUp' in one) world.giveUp(one.giveUp);
          else {
            const { session, owner, mutex } = one.acquire;
            const before = world.all.length;
            world.acquire({ session: sessions[session]!, owner }, world.mutexes[mutex]!);
            if (world.all.length === before) deadlocks++;
          }
        }
        world.waits.close();
      }),
      { numRuns: stress(40, 150) },
    );
    expect(deadlocks).toBeGreaterThan(0);
  });
});

describe('a mutex', () => {
  test('keeps owners of two sessions apart, and groups owners of all unary calls together', async () => {
    const clock = realClock();
    const exclusion = { tokens: new GrowingNumbers(clock), waits: new WaitGraph(clock) };
    const [a, b] = [new MemoryMutex('a', exclusion), new MemoryMutex('b', exclusion)];
    const acquire = (mutex: MemoryMutex, id: string, owner: string) =>
      clock.turn(() => mutex.acquire(new Call(new Session(id)), { owner }));
    void acquire(a, 'one', 'same');
    void acquire(b, 'two', 'same');
    expect(acquire(b, 'one', 'same')).toBeInstanceOf(Future);
    expect(acquire(a, 'three', 'same')).toBeInstanceOf(Future);
    expect(() => acquire(a, 'two', 'same')).toThrow(DeadlockError);

    const [c, d] = [new MemoryMutex('c', exclusion), new MemoryMutex('d', exclusion)];
    void acquire(c, '', 'ann');
    void acquire(d, '', 'bob');
    const waiting = expect(acquire(d, '', 'ann')).rejects.toBeInstanceOf(CancelledError);
    expect(() => acquire(c, '', 'bob')).toThrow(DeadlockError);
    // Otherwise their leases would keep running.
    clock.turn(() => {
      for (const mutex of [c, d]) mutex.destroy(() => new CancelledError('over'));
    });
    await waiting;
    exclusion.waits.close();
  });

  test('refuses an endless name of an owner', () => {
    const clock = realClock();
    const mutex = new MemoryMutex('a', { tokens: new GrowingNumbers(clock), waits: new WaitGraph(clock) });
    const acquire = (owner: string) => mutex.acquire(new Call(new Session('one')), { owner });
    expect(() => acquire('a/'.repeat(100_000))).toThrow(InvalidArgumentError);
    expect(mutex.held).toBe(0);
    expect(acquire('a/'.repeat(2000))).toMatchObject({ abandoned: false });
  });
});
