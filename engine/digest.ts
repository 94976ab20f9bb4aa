import { createHash } from 'node:crypto';
import type { State } from '../proto/state.js';
import { stateChunks } from './state/writer.js';

/** Returns the SHA-256 of the written form of a state, which differs for different states. */
export function digest(state: State): string {
  const hash = createHash('sha256');
  for (const chunk of stateChunks(state)) hash.update(chunk);
  return hash.digest('hex');
}
