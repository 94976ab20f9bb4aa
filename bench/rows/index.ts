import type { Row } from '../row.js';
import { cached } from './cached.js';
import { concurrent } from './concurrent.js';
import { durable, durableBytes, recovery, snapshotPause } from './durable.js';
import { holdup } from './holdup.js';
import { lockedValue } from './locked-value.js';
import { queue } from './queue.js';
import { sequential } from './sequential.js';
import { sharedArray } from './shared-array.js';
import { sharedDict } from './shared-dict.js';
import { sharedList } from './shared-list.js';
import { sharedQueue } from './shared-queue.js';
import { sharedValue } from './shared-value.js';
import { sharedWakeup } from './shared-wakeup.js';
import { start, startEmbedded, startImport } from './start.js';
import { waiters } from './waiters.js';
import { workersAwait } from './workers-await.js';
import { workers } from './workers.js';

/** All rows, in the order of the table. */
export const rows: readonly Row[] = [
  sequential,
  workersAwait,
  concurrent,
  workers,
  cached,
  queue,
  lockedValue,
  start,
  startEmbedded,
  startImport,
  waiters,
  ...durable,
  ...durableBytes,
  ...recovery,
  snapshotPause,
  ...holdup,
  ...sharedValue,
  ...sharedQueue,
  ...sharedDict,
  ...sharedList,
  sharedArray,
  ...sharedWakeup,
];
