import type { Held } from '../../../client/locking/held.js';
import type { ObservedWorld } from '../observed.js';
import { shown } from './calls.js';

/** Waits for a lock, and for permits, are served in the order in which they came: who was in line before has the smaller token. */
export function checkLine(world: ObservedWorld): void {
  for (const object of ['lock', 'rlock', 'semaphore']) {
    const calls = world.history.of(object).filter(({ what, outcome }) => what === 'acquire' && outcome === 'done');
    for (const first of calls) {
      for (const second of calls) {
        if (first.knownAt > second.called) continue;
        if ((first.result as Held).token > (second.result as Held).token) world.violated(`${shown(second)} overtook ${shown(first)}`);
      }
    }
  }
}
