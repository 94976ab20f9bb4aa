import { DEEDS as SIMULATED_DEEDS } from '../../simulation/deeds/index.js';
import type { DeedStep } from '../../simulation/plan.js';
import type { User } from '../../simulation/user.js';
import { array, batch, bulk, expiring, namespace, set, tally } from './data.js';
import { unary } from './unary.js';

/** The deeds of users: the ones of the simulation, and more. */
export const DEEDS: Readonly<Record<string, (user: User, step: DeedStep) => Promise<unknown>>> = {
  ...SIMULATED_DEEDS,
  set,
  array,
  namespace,
  expiring,
  batch,
  tally,
  bulk,
  unary,
};
