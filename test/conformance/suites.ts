import { arrayBulkSuite } from './array-bulk.js';
import { arrayLockSuite } from './array-lock.js';
import { arraySuite } from './array.js';
import { atomicSuite } from './atomic.js';
import { bytesSuite } from './bytes.js';
import { callSuite } from './calls.js';
import { commonSuite } from './common.js';
import { deadlockConditionSuite } from './deadlock-condition.js';
import { deadlockInnocentSuite } from './deadlock-innocent.js';
import { deadlockRandomSuite } from './deadlock-random.js';
import { deadlockSessionsSuite } from './deadlock-sessions.js';
import { deadlockSuite } from './deadlock.js';
import { dictAtomicSuite } from './dict-atomic.js';
import { dictCachedSuite } from './dict-cached.js';
import { dictIterationSuite } from './dict-iteration.js';
import { dictMaxEntriesSuite } from './dict-max-entries.js';
import { dictPathModelSuite } from './dict-path-model.js';
import { dictPathValuesSuite } from './dict-path-values.js';
import { dictPathSuite } from './dict-path.js';
import { dictTtlSuite } from './dict-ttl.js';
import { dictSuite } from './dict.js';
import { holderSuite } from './holders.js';
import { listOrderSuite } from './list-order.js';
import { listSuite } from './list.js';
import { locksSuite } from './locks.js';
import { lockWaitingSuite } from './lock-waiting.js';
import { lockSuite } from './lock.js';
import { namespaceSuite } from './namespace.js';
import { nestingSuite } from './nesting.js';
import { payloadSuite } from './payloads.js';
import { pipeEndSuite } from './pipe-end.js';
import { pipeWaitingSuite } from './pipe-waiting.js';
import { pipeSuite } from './pipe.js';
import { prioritySuite } from './priorities.js';
import { queueBulkSuite } from './queue-bulk.js';
import { queueDeadLetterSuite } from './queue-dead-letter.js';
import { queueDelaySuite } from './queue-delay.js';
import { queueDeliveriesSuite } from './queue-deliveries.js';
import { queueDeliverySuite } from './queue-delivery.js';
import { queueIdSuite } from './queue-ids.js';
import { queueIterationSuite } from './queue-iteration.js';
import { queueLetterSuite } from './queue-letters.js';
import { queueOrderSuite } from './queue-order.js';
import { queuePaceSuite } from './queue-pace.js';
import { queueShutdownSuite } from './queue-shutdown.js';
import { queueTasksSuite } from './queue-tasks.js';
import { queueWaitingSuite } from './queue-waiting.js';
import { queueSuite } from './queue.js';
import { setOperationsSuite } from './set-operations.js';
import { setSuite } from './set.js';
import { semaphoreSuite } from './semaphore.js';
import { semaphoreConsumeSuite } from './semaphore-consume.js';
import { semaphoreWaitingSuite } from './semaphore-waiting.js';
import { eventSuite } from './event.js';
import { barrierSuite } from './barrier.js';
import { barrierBrokenSuite } from './barrier-broken.js';
import { rlockSuite } from './rlock.js';
import { rlockWaitingSuite } from './rlock-waiting.js';
import { rwlockSuite } from './rwlock.js';
import { ownerSuite } from './owner.js';
import { conditionSuite } from './condition.js';
import { conditionLockSuite } from './condition-lock.js';
import { conditionGapsSuite } from './condition-gaps.js';
import { objectSuite } from './object.js';
import { objectErrorSuite } from './object-errors.js';
import { objectTurnsSuite } from './object-turns.js';
import { objectExposureSuite } from './object-exposure.js';
import { schemaMessageSuite } from './schema-messages.js';
import { schemaLoopSuite } from './schema-loops.js';
import { schemaSuite } from './schema.js';
import type { Kind } from '../../proto/gen/commonhold/v1/services_wire.js';
import type { Target } from './target.js';
import { expirySuite } from './expiry.js';
import { fenceSuite } from './fence.js';
import { timeoutSuite } from './timeouts.js';
import { anonymousSuite } from './anonymous.js';
import { watchCopySuite } from './watch-copy.js';
import { watchDictSuite } from './watch-dict.js';
import { watchFollowStateSuite } from './watch-follow-state.js';
import { watchFollowSuite } from './watch-follow.js';
import { watchHistorySuite } from './watch-history.js';
import { watchListSuite } from './watch-list.js';
import { watchLoopSuite } from './watch-loops.js';
import { watchStateSuite } from './watch-state.js';
import { watchSuite } from './watch.js';
import { valueLeaseSuite } from './value-lease.js';
import { valueLockSuite } from './value-lock.js';
import { valueSuite } from './value.js';

type Suite = (target: Target) => void;

/** The suites of each kind. A kind of the contract without suites does not compile. */
const OF_KINDS: Readonly<Record<Kind, readonly [Suite, ...Suite[]]>> = {
  dict: [
    dictSuite,
    dictAtomicSuite,
    dictIterationSuite,
    dictTtlSuite,
    dictMaxEntriesSuite,
    dictPathSuite,
    dictPathValuesSuite,
    dictPathModelSuite,
    dictCachedSuite,
  ],
  list: [listSuite, listOrderSuite],
  queue: [
    queueSuite,
    queueWaitingSuite,
    queueBulkSuite,
    queueTasksSuite,
    queueShutdownSuite,
    queueIterationSuite,
    queueOrderSuite,
    queueDelaySuite,
    queueDeliverySuite,
    queueDeliveriesSuite,
    queueDeadLetterSuite,
    queueLetterSuite,
    queueIdSuite,
    queuePaceSuite,
  ],
  value: [valueSuite, valueLockSuite, valueLeaseSuite],
  set: [setSuite, setOperationsSuite],
  array: [arraySuite, arrayBulkSuite, arrayLockSuite],
  lock: [lockSuite, lockWaitingSuite],
  rlock: [rlockSuite, rlockWaitingSuite],
  rwlock: [rwlockSuite],
  condition: [conditionSuite, conditionLockSuite, conditionGapsSuite],
  namespace: [namespaceSuite],
  pipe: [pipeSuite, pipeWaitingSuite, pipeEndSuite],
  semaphore: [semaphoreSuite, semaphoreWaitingSuite, semaphoreConsumeSuite],
  event: [eventSuite],
  barrier: [barrierSuite, barrierBrokenSuite],
  object: [objectSuite, objectExposureSuite, objectTurnsSuite, objectErrorSuite],
};

/** The cases that every engine must pass, over every transport. */
export const suites: readonly Suite[] = [
  commonSuite,
  bytesSuite,
  callSuite,
  payloadSuite,
  nestingSuite,
  anonymousSuite,
  expirySuite,
  fenceSuite,
  schemaSuite,
  schemaLoopSuite,
  schemaMessageSuite,
  atomicSuite,
  ...Object.values(OF_KINDS).flat(),
  ownerSuite,
  holderSuite,
  deadlockSuite,
  deadlockInnocentSuite,
  deadlockConditionSuite,
  deadlockSessionsSuite,
  deadlockRandomSuite,
  locksSuite,
  prioritySuite,
  watchSuite,
  watchDictSuite,
  watchHistorySuite,
  watchFollowSuite,
  watchFollowStateSuite,
  watchLoopSuite,
  watchListSuite,
  watchCopySuite,
  watchStateSuite,
  timeoutSuite,
];
