import type { ObservedWorld } from '../observed.js';
import type { World } from '../world.js';
import { checkBarrier } from './barrier.js';
import { checkCache } from './cache.js';
import { checkCalls, checkTimes } from './calls.js';
import { checkJobs } from './jobs.js';
import { checkLosses } from './losses.js';
import { checkLine } from './line.js';
import { checkItems } from './items.js';
import { checkOrder } from './order.js';
import { checkFences, checkRegisters } from './registers.js';
import { checkLossyWatches, checkWatches } from './watches.js';

/** Examines all that the users of a simulated world have seen. */
export function check(world: World): void {
  checkTimes(world);
  if (world.loses) checkLossy(world);
  else checkObserved(world);
}

/** Examines the rest, where the end of what the manager answered may be lost with each kill. */
function checkLossy(world: World): void {
  checkCalls(world);
  checkFences(world);
  checkLossyWatches(world);
  checkLosses(world);
}

/** Examines all that the users of a world have seen, but for the times. */
export function checkObserved(world: ObservedWorld): void {
  checkCalls(world);
  checkRegisters(world);
  checkLine(world);
  checkBarrier(world);
  checkItems(world);
  checkOrder(world);
  checkWatches(world);
  checkJobs(world);
  checkCache(world);
}
