import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ManagerService } from '../../../proto/gen/commonhold/v1/manager_wire.js';
import type { State } from '../../../proto/state.js';
import { EngineWorld } from '../../support/engine-world.js';
import { chosen, histories, KIND_CALLS, SESSIONS, take, type Step } from '../../support/random-history.js';
import { engineState } from '../../support/state-pairs.js';
import { stress } from '../../support/stress.js';

const KINDS = Object.keys(KIND_CALLS) as (keyof typeof KIND_CALLS)[];
const LENGTH = 40;
const RUNS = stress(60, 500);

/** Histories of one kind, and last of all kinds together. */
const CASES = [...KINDS.map((kind) => [kind, [kind]] as const), ['all kinds', KINDS] as const];

function closing<R>(worlds: readonly EngineWorld[], run: () => R): R {
  try {
    return run();
  } finally {
    for (const world of worlds) world.close();
  }
}

/** The timers of the clock, and the timers that parts of the state name. */
function timersOf(world: EngineWorld): { running: number[]; named: number[] } {
  const { clock, ...parts } = engineState(world);
  const { timers } = clock as { timers: number[] };
  return { running: timers.filter((_, index) => index % 2 === 0).sort(byNumber), named: timersIn(parts).sort(byNumber) };
}

const TIMER_FIELDS = new Set(['timer', 'lent', 'grace']);

function timersIn(state: State): number[] {
  if (typeof state !== 'object' || state === null || state instanceof Uint8Array) return [];
  return Object.entries(state).flatMap(([field, part]) => (TIMER_FIELDS.has(field) && typeof part === 'number' ? [part] : timersIn(part)));
}

function byNumber(a: number, b: number): number {
  return a - b;
}

/** Leaves out a step, or swaps it with the next. */
function changed(history: readonly Step[], at: number, swap: boolean): Step[] {
  const place = at % history.length;
  const rest = history.toSpliced(place, 1);
  return swap ? rest.toSpliced(place + 1, 0, history[place]!) : rest;
}

describe.each(CASES)('after any history of %s', (_name, kinds) => {
  test('two engines have the same digests after each turn, and all their timers belong to a part of the state', () => {
    fc.assert(
      fc.property(histories(kinds, LENGTH), (history) => {
        const [one, other] = [new EngineWorld(), new EngineWorld()];
        closing([one, other], () => {
          for (const step of history) {
            take(one, step);
            take(other, step);
            expect(other.digest()).toBe(one.digest());
            const { running, named } = timersOf(one);
            expect(named).toEqual(running);
          }
          expect(other.outcomes).toEqual(one.outcomes);
          expect([...one.time.defects, ...other.time.defects]).toEqual([]);
        });
      }),
      { numRuns: RUNS },
    );
  });

  test('an engine with another history behaves in the same way from then on if it has the same digest', () => {
    fc.assert(
      fc.property(histories(kinds, LENGTH), fc.nat(), fc.boolean(), fc.nat(), (history, cut, swap, at) => {
        const before = history.slice(0, 1 + (cut % (history.length + 1)));
        if (before.length === 0) return;
        const [one, other] = [new EngineWorld(), new EngineWorld()];
        closing([one, other], () => {
          for (const step of before) take(one, step);
          for (const step of changed(before, at, swap)) take(other, step);
          // The time is no part of the state, but of each turn.
          if (one.time.time !== other.time.time || one.digest() !== other.digest()) return;
          const told = [one.outcomes.length, other.outcomes.length] as const;
          for (const step of history.slice(before.length)) {
            const happen = chosen(one, step);
            happen(one);
            happen(other);
            expect(other.digest()).toBe(one.digest());
          }
          expect(other.outcomes.slice(told[1])).toEqual(one.outcomes.slice(told[0]));
        });
      }),
      { numRuns: RUNS },
    );
  });
});

describe.each(CASES)('after any history of %s', (_name, kinds) => {
  test('an engine that is restored from the state has the same state, and behaves in the same way from then on', () => {
    fc.assert(
      fc.property(histories(kinds, LENGTH), fc.nat(), (history, cut) => {
        const one = new EngineWorld();
        const place = cut % (history.length + 1);
        for (const step of history.slice(0, place)) take(one, step);
        if (!one.engine.restorable) return;
        const other = EngineWorld.restored(one);
        closing([one, other], () => {
          expect(other.state()).toEqual(one.state());
          expect(other.digest()).toBe(one.digest());
          expect(other.engine.use.uses).toEqual(one.engine.use.uses);
          for (const step of history.slice(place)) {
            const happen = chosen(one, step);
            happen(one);
            happen(other);
            expect(other.digest()).toBe(one.digest());
            expect(other.engine.use.uses).toEqual(one.engine.use.uses);
          }
          expect(other.outcomes).toEqual(one.outcomes);
          expect([...one.time.defects, ...other.time.defects]).toEqual([]);
        });
      }),
      { numRuns: RUNS },
    );
  });
});

test('of watches nothing is left once their objects and sessions are gone, and no session can come back', () => {
  fc.assert(
    fc.property(histories(['dict', 'list'], LENGTH), (history) => {
      const world = new EngineWorld();
      closing([world], () => {
        for (const step of history) take(world, step);
        for (const session of SESSIONS) world.end(session);
        for (const [name] of world.engine.state().keyspace.objects) world.ask('last', ManagerService.methods.destroy, { name });
        world.end('last');
        // Twice the time for which histories are kept.
        world.time.advance(120_000);
        expect(world.engine.use).toMatchObject({ memory: 0, objects: 0, waiting: 0 });
        expect(world.engine.state().keyspace.histories.ended).toEqual([]);
      });
    }),
    { numRuns: RUNS },
  );
});
