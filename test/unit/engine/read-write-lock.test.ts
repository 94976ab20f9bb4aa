import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { CallContext } from '../../../proto/contract.js';
import { CancelledError, DeadlockError } from '../../../proto/errors.js';
import { isThenable } from '../../../proto/thenable.js';
import { GrowingNumbers } from '../../../engine/core/growing-numbers.js';
import type { LockMode } from '../../../engine/core/lock-modes.js';
import { Session } from '../../../engine/core/session.js';
import { ReadWriteLock } from '../../../engine/memory/locking/read-write-lock.js';
import { WaitGraph } from '../../../engine/memory/locking/wait-for-graph.js';
import { stress } from '../../support/stress.js';
import { realClock } from '../../support/turns.js';

// Random acquisitions of reader-writer locks by owners that hold and wait at the same time, against a model that knows no queue but the order of
// arrival.

interface Taking {
  readonly owner: string | undefined;
  readonly lock: ReadWriteLock;
  readonly mode: LockMode;
  readonly priority: number;
  readonly call: CallContext;
  token: number | undefined;
  error: unknown;
}

class World {
  readonly clock = realClock();
  readonly waits = new WaitGraph(this.clock);
  readonly session = new Session('one');
  readonly locks: ReadWriteLock[];
  /** Acquisitions that hold or wait, in the order of their calls. */
  all: Taking[] = [];
  deadlocks = 0;

  constructor(count: number) {
    const exclusion = { tokens: new GrowingNumbers(this.clock), waits: this.waits };
    this.locks = Array.from({ length: count }, (_, index) => new ReadWriteLock(`l${index}`, exclusion));
  }

  holding(lock: ReadWriteLock): Taking[] {
    return this.all.filter((taking) => taking.lock === lock && taking.token !== undefined);
  }

  waitingFor(lock: ReadWriteLock): Taking[] {
    return this.all.filter((taking) => taking.lock === lock && taking.token === undefined).sort((a, b) => a.priority - b.priority);
  }

  /** The owners for which an acquisition of the lock would wait, directly and through others. */
  reached(lock: ReadWriteLock, seen = new Set<ReadWriteLock>()): string[] {
    if (seen.has(lock)) return [];
    seen.add(lock);
    return this.holding(lock).flatMap(({ owner, token }) => {
      const name = owner ?? `@${token}`;
      const waits = this.all.filter((other) => other.token === undefined && other.owner === name);
      return [name, ...waits.flatMap((other) => this.reached(other.lock, seen))];
    });
  }

  acquire(owner: string | undefined, lock: ReadWriteLock, mode: LockMode, priority: number): void {
    const call: CallContext = { session: this.session, readOnly: false, cancel: undefined, handOver: () => {} };
    const own = this.holding(lock).filter((taking) => owner !== undefined && taking.owner === owner);
    const writes = this.holding(lock).some(({ mode }) => mode === 'write');
    const ahead = this.waitingFor(lock).filter((other) => other.priority <= priority);
    const free = this.holding(lock).length === 0 || (mode === 'read' && !writes);
    const enters = own.length > 0 ? mode === 'read' || writes : free && ahead.length === 0;
    const closes = !enters && owner !== undefined && this.reached(lock).includes(owner);
    const before = this.all.filter(({ token }) => token === undefined);
    const taking: Taking = { owner, lock, mode, priority, call, token: undefined, error: undefined };
    try {
      const answer = this.clock.turn(() => lock.acquire(call, mode, { owner, priority }));
      expect([isThenable(answer), closes]).toEqual([!enters, false]);
      this.all.push(taking);
      if (isThenable(answer)) {
        answer.then(
          ({ token }) => (taking.token = token),
          (error: unknown) => {
            this.all = this.all.filter((other) => other !== taking);
            taking.error = error;
          },
        );
      } else taking.token = answer.token;
    } catch (error) {
      if (!(error instanceof DeadlockError)) throw error;
      expect(closes).toBe(true);
      this.deadlocks++;
    }
    this.expectDeadlocks(before);
    this.check();
  }

  release(index: number): void {
    const held = this.all.filter(({ token }) => token !== undefined);
    const taking = held[index % held.length];
    if (taking === undefined) return;
    this.all = this.all.filter((other) => other !== taking);
    const before = this.all.filter(({ token }) => token === undefined);
    this.clock.turn(() => taking.lock.release(taking.token!));
    this.expectDeadlocks(before);
    this.check();
  }

  /** Expects that calls which waited fail for no other reason. */
  expectDeadlocks(before: readonly Taking[]): void {
    const failed = before.filter(({ error }) => error !== undefined);
    for (const { error } of failed) expect(error).toBeInstanceOf(DeadlockError);
    this.deadlocks += failed.length;
  }

  giveUp(index: number): void {
    const waiting = this.all.filter(({ token }) => token === undefined);
    const taking = waiting[index % waiting.length];
    if (taking === undefined) return;
    this.clock.turn(() => taking.call.cancel!(new CancelledError('enough')));
    expect(taking.error).toBeInstanceOf(CancelledError);
    this.check();
  }

  /** Expects that writers are alone, that nothing waits that could go on, and that none waits in a cycle. */
  check(): void {
    for (const lock of this.locks) {
      const holding = this.holding(lock);
      const writers = new Set(holding.filter(({ mode }) => mode === 'write').map(({ owner, token }) => owner ?? token));
      const owners = new Set(holding.map(({ owner, token }) => owner ?? token));
      if (writers.size > 0) expect(owners.size).toBe(1);
      const [first] = this.waitingFor(lock);
      if (first !== undefined) expect([holding.length > 0, first.mode === 'write' || writers.size > 0]).toEqual([true, true]);
      expect([lock.held, lock.waiters]).toEqual([owners.size, this.waitingFor(lock).length]);
      expect(Array.from(lock.requests(), ({ mode, owner }) => [mode, owner])).toEqual(
        this.waitingFor(lock).map(({ mode, owner }) => [mode, owner]),
      );
      for (const { owner } of this.waitingFor(lock)) if (owner !== undefined) expect(this.reached(lock)).not.toContain(owner);
    }
  }
}

type Step =
  | { readonly acquire: { owner: string | undefined; lock: number; mode: LockMode; priority: number } }
  | { readonly release: number }
  | { readonly giveUp: number };

const acquisition = fc.record({
  owner: fc.constantFrom(undefined, 'a', 'b', 'c'),
  lock: fc.nat(2),
  mode: fc.constantFrom<LockMode>('read', 'read', 'write'),
  priority: fc.constantFrom(0, 0, 0, 1),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ acquire: acquisition }) },
  { weight: 3, arbitrary: fc.record({ release: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ giveUp: fc.nat(20) }) },
);

test('reader-writer locks keep writers alone, serve all in order, and leave no cycle of waits', () => {
  let deadlocks = 0;
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 60, size: 'max' }), (steps) => {
      const world = new World(3);
      for (const one of steps) {
        if ('release' in one) world.release(one.release);
        else if ('giveUp' in one) world.giveUp(one.giveUp);
        else world.acquire(one.acquire.owner, world.locks[one.acquire.lock]!, one.acquire.mode, one.acquire.priority);
      }
      deadlocks += world.deadlocks;
      world.waits.close();
    }),
    { numRuns: stress(60, 1000) },
  );
  expect(deadlocks).toBeGreaterThan(0);
});
