import { ENGINE_VERSION } from '../../engine/versions.js';
import type { LogStore } from './log-store.js';
import type { Durability } from './options.js';
import { SegmentStore } from './segments/segment-store.js';

/** Returns the log in a directory. */
export function openStore(directory: string, durability: Durability = 'sync'): LogStore {
  return new SegmentStore(directory, { policy: durability, format: ENGINE_VERSION });
}
