import { callSuite } from './calls.js';
import { commonSuite } from './common.js';
import { dictAtomicSuite } from './dict-atomic.js';
import { dictIterationSuite } from './dict-iteration.js';
import { dictSuite } from './dict.js';
import { listOrderSuite } from './list-order.js';
import { listSuite } from './list.js';
import { lockWaitingSuite } from './lock-waiting.js';
import { lockSuite } from './lock.js';
import { nestingSuite } from './nesting.js';
import { payloadSuite } from './payloads.js';
import { queueBulkSuite } from './queue-bulk.js';
import { queueIterationSuite } from './queue-iteration.js';
import { queueShutdownSuite } from './queue-shutdown.js';
import { queueTasksSuite } from './queue-tasks.js';
import { queueWaitingSuite } from './queue-waiting.js';
import { queueSuite } from './queue.js';
import type { Target } from './target.js';
import { valueLeaseSuite } from './value-lease.js';
import { valueLockSuite } from './value-lock.js';
import { valueSuite } from './value.js';

/** What every engine and every way to reach it must do. */
export const suites: readonly ((target: Target) => void)[] = [
  commonSuite,
  callSuite,
  payloadSuite,
  nestingSuite,
  dictSuite,
  dictAtomicSuite,
  dictIterationSuite,
  listSuite,
  listOrderSuite,
  queueSuite,
  queueWaitingSuite,
  queueBulkSuite,
  queueTasksSuite,
  queueShutdownSuite,
  queueIterationSuite,
  valueSuite,
  valueLockSuite,
  valueLeaseSuite,
  lockSuite,
  lockWaitingSuite,
];
