import type { CallContext } from '../../../proto/contract.js';
import type { StateOf } from '../../../proto/state.js';
import type { Restoring } from '../../core/restoring.js';
import { found } from '../../core/state.js';
import type { Keyspace } from '../lifetime/keyspace.js';
import { ConditionWait, type Notifier } from './condition-wait.js';
import { MemoryCondition } from './condition.js';
import type { StateOfRequest } from './lock-queue.js';
import { queuedLockOf } from './locks.js';
import { MemoryMutex } from './mutex.js';
import { WaitList } from './waiters.js';

type WaitState = StateOf<ConditionWait>;

/**
 * Lets the calls that wait on conditions wait again, for their notification or for the mutex. They are not started again as others are, since
 * their holds are suspended, and their conditions may have ended.
 */
export function restoreConditionWaits(keyspace: Keyspace, restoring: Restoring): void {
  for (const object of keyspace.objects.values()) {
    if (object instanceof MemoryCondition) {
      for (const [context, { want, timeoutMs }] of object.waits.kept()) {
        restore(object, object.mutexFor(context), context, want as WaitState, timeoutMs);
      }
    }
    const mutex = queuedLockOf(object);
    if (!(mutex instanceof MemoryMutex)) continue;
    for (const [context, { want }] of mutex.queue.kept()) {
      const { asked } = want as StateOfRequest;
      if (isWait(asked)) restore(conditionOf(asked), mutex, context, asked, undefined);
    }
  }

  function restore(condition: Notifier, mutex: MemoryMutex, context: CallContext, state: WaitState, timeoutMs: number | undefined): void {
    const wait = new ConditionWait(condition, mutex, context, state.token, (ended) => mutex.suspended(state.levels[0]!, ended));
    wait.restore(state, timeoutMs);
    restoring.answers(context, wait.answer);
  }

  function conditionOf({ condition: name, ended }: WaitState): Notifier {
    return ended ? endedCondition(name, keyspace) : (found(keyspace.objects.get(name), name) as MemoryCondition);
  }
}

function isWait(asked: unknown): asked is WaitState {
  return typeof asked === 'object' && asked !== null && 'levels' in asked;
}

/** A condition that was destroyed, some of whose waits still wait for its named lock. */
function endedCondition(name: string, { clock }: Keyspace): Notifier {
  return { name, ended: true, waits: new WaitList(clock), wake() {} };
}
