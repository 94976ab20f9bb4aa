import type { Scenario } from '../world.js';
import { COLLECTIONS } from './collections.js';
import { LOCKS } from './locks.js';
import { MEMORY } from './memory.js';
import { QUEUES } from './queues.js';
import { SIGNALS } from './signals.js';

/** All steps of the kernel, in scenarios of a few threads. */
export const SCENARIOS: readonly Scenario[] = [...LOCKS, ...COLLECTIONS, ...QUEUES, ...SIGNALS, ...MEMORY];
