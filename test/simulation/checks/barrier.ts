import type { ObservedWorld } from '../observed.js';

/** Parties leave a barrier together: each time one does as the first of two, another does as the second. */
export function checkBarrier(world: ObservedWorld): void {
  const waits = world.history.of('barrier').filter(({ what }) => what === 'wait');
  const count = (index: number): number => waits.filter(({ outcome, result }) => outcome === 'done' && result === index).length;
  const unknown = waits.filter(({ outcome }) => outcome === 'unknown' || outcome === 'pending').length;
  const [first, second] = [count(0), count(1)];
  if (Math.abs(first - second) > unknown) world.violated(`${first} parties left the barrier as the first, and ${second} as the second`);
}
