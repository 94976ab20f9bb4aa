import type { Scenario } from '../world.js';
import { COLLECTIONS } from './collections.js';
import { LOCKS } from './locks.js';
import { MEMORY } from './memory.js';
import { QUEUES } from './queues.js';
import { SIGNALS } from './signals.js';

/** Scenarios of a few threads that cover all steps of the kernel. */
export const SCENARIOS: readonly Scenario[] = [...LOCKS, ...COLLECTIONS, ...QUEUES, ...SIGNALS, ...MEMORY];
