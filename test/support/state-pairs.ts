import { expect, test } from '@jest/globals';
import { digest } from '../../engine/digest.js';
import type { State } from '../../proto/state.js';
import { EngineWorld } from './engine-world.js';

/** Calls and other events of a world that begins empty. */
export type Steps = (world: EngineWorld) => void;

/** Two histories that lead to states which differ in one thing. */
export type Pairs = Readonly<Record<string, readonly [Steps, Steps]>>;

/**
 * Tests that the state tells the histories of each pair apart, and does not change between two runs of one history.
 * @param part the part of the state that has to show the difference: the rest may differ by numbers alone
 */
export function tellsApart(pairs: Pairs, part: (world: EngineWorld) => State = objectState): void {
  test.each(Object.entries(pairs))('%s', (_what, [one, other]) => {
    const [first, again, second] = [digestsAfter(one, part), digestsAfter(one, part), digestsAfter(other, part)];
    expect(again).toEqual(first);
    expect(second.part).not.toBe(first.part);
    expect(second.whole).not.toBe(first.whole);
  });
}

function digestsAfter(steps: Steps, part: (world: EngineWorld) => State): { part: string; whole: string } {
  const world = new EngineWorld();
  steps(world);
  expect(world.time.defects).toEqual([]);
  const digests = { part: digest(part(world)), whole: world.digest() };
  world.close();
  return digests;
}

/** The state of the object `x`, with the timers that it names. */
function objectState(world: EngineWorld): State {
  const { keyspace, clock } = engineState(world);
  const { objects } = keyspace as { objects: [name: string, state: State][] };
  return [objects.find(([name]) => name === 'x')![1], (clock as { timers: State }).timers];
}

export function engineState(world: EngineWorld): Readonly<Record<string, State>> {
  return world.engine.state();
}
