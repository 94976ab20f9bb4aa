import { ENGINE_VERSION } from '../../engine/versions.js';
import type { LogStore } from './log-store.js';
import type { Durability, LogOptions } from './options.js';
import { SegmentStore } from './segments/segment-store.js';
import { startSnapshotThread, type StartSnapshot } from './snapshot-thread.js';

/** The parts of a log outside of its manager. */
export interface LogParts {
  readonly store: LogStore;
  readonly startSnapshot: StartSnapshot;
}

/** Returns the parts of a log in a directory. */
export function openLog({ dataDir, durability }: LogOptions): LogParts {
  return { store: openStore(dataDir, durability), startSnapshot: () => startSnapshotThread(dataDir) };
}

/** Returns the log in a directory. */
export function openStore(directory: string, durability: Durability = 'sync'): LogStore {
  return new SegmentStore(directory, { policy: durability, format: ENGINE_VERSION });
}
