import { together, type Contender } from '../contender.js';
import { startNode } from '../process.js';
import type { Scope } from '../scope.js';

/** Reads of a Map of this process, as promises: the limit for a near cache. */
export async function plainMap(scope: Scope): Promise<Contender> {
  return together('a Map', [await startNode(scope, { file: 'workers/map.js', args: [] })]);
}
