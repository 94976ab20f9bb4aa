import type { Engine, Handler, Handlers } from '../../proto/contract.js';
import { ArrayService } from '../../proto/gen/commonhold/v1/array_wire.js';
import { BarrierService } from '../../proto/gen/commonhold/v1/barrier_wire.js';
import { ConditionService } from '../../proto/gen/commonhold/v1/condition_wire.js';
import { DictService } from '../../proto/gen/commonhold/v1/dict_wire.js';
import { EventService } from '../../proto/gen/commonhold/v1/event_wire.js';
import { ListService } from '../../proto/gen/commonhold/v1/list_wire.js';
import { LockService } from '../../proto/gen/commonhold/v1/lock_wire.js';
import { ManagerService } from '../../proto/gen/commonhold/v1/manager_wire.js';
import { QueueService } from '../../proto/gen/commonhold/v1/queue_wire.js';
import { RLockService } from '../../proto/gen/commonhold/v1/rlock_wire.js';
import { SemaphoreService } from '../../proto/gen/commonhold/v1/semaphore_wire.js';
import { ValueService } from '../../proto/gen/commonhold/v1/value_wire.js';
import type { Method, Service } from '../../proto/wire/codec.js';
import { arrayKind } from './objects/array.js';
import { barrierKind } from './objects/barrier.js';
import type { ObjectView } from './objects/object-view.js';
import { conditionKind } from './objects/condition.js';
import { dictKind } from './objects/dict.js';
import { unwatchEndings, watchEndings } from './threads/endings.js';
import { arrayHandlers } from './handlers/array.js';
import { eventKind } from './objects/event.js';
import { barrierHandlers } from './handlers/barrier.js';
import { conditionHandlers } from './handlers/condition.js';
import { dictHandlers } from './handlers/dict.js';
import { eventHandlers } from './handlers/event.js';
import { listHandlers } from './handlers/list.js';
import { lockHandlers, rlockHandlers } from './handlers/lock.js';
import { managerHandlers } from './handlers/manager.js';
import { queueHandlers } from './handlers/queue.js';
import { unoffered } from './objects/unoffered.js';
import { semaphoreHandlers } from './handlers/semaphore.js';
import { valueHandlers } from './handlers/value.js';
import type { SharedKind } from './objects/kinds.js';
import { listKind } from './objects/list.js';
import { lockKind } from './objects/lock.js';
import { Objects, type SharedObjectKind, type Made } from './objects/objects.js';
import { queueKind } from './objects/queue.js';
import { clearAway } from './threads/reaper.js';
import type { Region } from './memory/region.js';
import { semaphoreKind } from './objects/semaphore.js';
import { ArenaThread } from './memory/arena-thread.js';
import { assertStack } from './threads/stack.js';
import { valueKind } from './objects/value.js';
import { ThreadWaits } from './threads/thread-waits.js';

/** The kinds of shared memory: the registry. */
const KINDS: readonly SharedObjectKind<ObjectView>[] = [
  dictKind,
  listKind,
  queueKind,
  arrayKind,
  valueKind,
  lockKind('lock'),
  lockKind('rlock'),
  semaphoreKind,
  conditionKind,
  eventKind,
  barrierKind,
];

/** The contract over shared memory, as one thread works on it. */
export interface SharedEngine extends Engine {
  readonly objects: Objects;
  readonly thread: ArenaThread;
}

/** What a call runs into of which shared memory knows nothing. */
function refusal({ name }: Method): Handler {
  return () => {
    throw unoffered(name);
  };
}

/** A handler that changes nothing where the stack of its caller might end in the middle. */
function withStack(handler: Handler): Handler {
  return (request, context) => {
    assertStack();
    return handler(request, context);
  };
}

/**
 * Makes this thread one of those that work on the memory.
 * @param told of what this thread makes and ends
 */
export function createSharedEngine(region: Region, told?: Made): SharedEngine {
  const thread = new ArenaThread(region, clearAway);
  watchEndings(thread);
  const waits = new ThreadWaits(thread);
  const objects = new Objects(
    { thread, waits },
    new Map<SharedKind, SharedObjectKind<ObjectView>>(KINDS.map((kind) => [kind.kind, kind])),
    told,
  );
  const handlers = new Map<Method, Handler>();
  const serve = <S extends Service>(service: S, implementation: Handlers<S>): void => {
    for (const [key, method] of Object.entries(service.methods)) handlers.set(method, withStack(implementation[key as keyof Handlers<S>]));
  };

  serve(ManagerService, managerHandlers(objects));
  serve(DictService, dictHandlers(objects));
  serve(ListService, listHandlers(objects));
  serve(ArrayService, arrayHandlers(objects));
  serve(QueueService, queueHandlers(objects));
  serve(ValueService, valueHandlers(objects));
  serve(LockService, lockHandlers(objects));
  serve(RLockService, rlockHandlers(objects));
  serve(SemaphoreService, semaphoreHandlers(objects));
  serve(ConditionService, conditionHandlers(objects));
  serve(EventService, eventHandlers(objects));
  serve(BarrierService, barrierHandlers(objects));

  return {
    name: 'shared',
    objects,
    thread,
    handler: (method) => handlers.get(method) ?? refusal(method),
    close() {
      unwatchEndings(thread);
      waits.close();
      thread.leave();
      objects.forget();
    },
  };
}
