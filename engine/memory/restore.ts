import type { CallContext, HandedOver, Handler } from '../../proto/contract.js';
import type { Kind } from '../../proto/gen/commonhold/v1/services_wire.js';
import type { State, StateOf } from '../../proto/state.js';
import { isThenable } from '../../proto/thenable.js';
import type { Method } from '../../proto/wire/codec.js';
import type { Clock } from '../core/clock.js';
import type { Lease } from '../core/lease.js';
import type { Restoring, WaitingCall } from '../core/restoring.js';
import { found } from '../core/state.js';
import type { Dumps } from './dumping/dumps.js';
import { ForwardedObject } from './hosting/forwarded-object.js';
import type { HomeHandedOver } from './hosting/host-session.js';
import type { HostSessions } from './hosting/host-sessions.js';
import type { KindMakers } from './kinds.js';
import type { Keyspace, MakeObject, SharedObject } from './lifetime/keyspace.js';
import { receive } from './lifetime/receiving.js';
import { restoreConditionWaits } from './locking/condition-restore.js';
import { HandedNotification } from './locking/condition-wait.js';
import type { MemoryCondition } from './locking/condition.js';
import { lockableOf } from './locking/locks.js';
import { HandedPermits, type MemorySemaphore } from './locking/semaphore.js';
import type { WaitGraph } from './locking/wait-for-graph.js';
import { HandedDeliveries } from './objects/deliveries.js';
import type { Instances } from './objects/instances.js';
import { HandedMessages, type MemoryPipe } from './objects/pipe.js';
import { itemOf } from './objects/queue-item.js';
import { HandedItems, MemoryQueue } from './objects/queue.js';
import type { GrowingNumbers } from '../core/growing-numbers.js';

/** The state of a memory engine. */
export interface EngineState {
  readonly [part: string]: State;
  readonly clock: StateOf<Clock>;
  readonly tokens: number;
  readonly waits: StateOf<WaitGraph>;
  readonly keyspace: StateOf<Keyspace>;
  readonly homes: StateOf<HostSessions>;
  readonly instances: StateOf<Instances>;
  readonly dumps: StateOf<Dumps>;
}

/** The parts of a memory engine that has nothing in it yet. */
interface RestoredParts {
  readonly keyspace: Keyspace;
  readonly tokens: GrowingNumbers;
  readonly waits: WaitGraph;
  readonly homes: HostSessions;
  readonly instances: Instances;
  readonly dumps: Dumps;
  readonly handlers: ReadonlyMap<Method, Handler>;
  readonly makers: KindMakers;
}

/** Restores the state of an engine in the parts of a new one, in the order that {@link Restoring} describes. */
export function restore(engine: RestoredParts, state: EngineState, restoring: Restoring): void {
  const { keyspace, tokens, waits, homes, makers } = engine;
  restoring.clock.restore(state.clock);
  homes.restoreHomes(state.homes, restoring);
  keyspace.restore(state.keyspace, restoring, objectMaker(makers, homes, restoring));
  homes.restore(state.homes, restoring);
  engine.instances.restore(state.instances);
  engine.dumps.restore(state.dumps, restoring);
  restoreConditionWaits(keyspace, restoring);
  for (const call of restoring.waiting) call.wait(answerOf(call, engine, restoring));
  restoring.afterCalls(() => {
    tokens.restore(state.tokens);
    waits.restore(state.waits, restoring, (name) => found(lockableOf(keyspace.objects.get(name)), name));
    for (const { call, handedOver } of restoring.answered) call.handOver(handedOverOf(handedOver as HandedState, call, engine, restoring));
  });
  restoring.finish();
}

function objectMaker(makers: KindMakers, homes: HostSessions, restoring: Restoring): MakeObject {
  return (kind, name, state) => {
    const home = (state as { readonly home?: string } | undefined)?.home;
    if (home !== undefined) return new ForwardedObject(name, kind, homes.open(restoring.caller(home)));
    return makers[kind as Kind](name, state as never, restoring);
  };
}

/** Returns the answer of a call that waits again. */
function answerOf({ context, request }: WaitingCall, { keyspace, handlers }: RestoredParts, restoring: Restoring): PromiseLike<unknown> {
  const { method } = context;
  const waiting = restoring.answerOf(context);
  const answer = waiting === undefined ? handlers.get(method)!(request, context) : receive(keyspace, method, waiting, context);
  if (isThenable(answer)) return answer;
  throw new Error(`the state is damaged: in it a call of ${method.name} would not wait`);
}

/** The state of anything that an answer can hand over. */
type HandedState =
  | StateOf<HandedItems>
  | StateOf<HandedDeliveries>
  | StateOf<HandedMessages>
  | StateOf<HandedNotification>
  | StateOf<HandedPermits>
  | StateOf<HomeHandedOver>
  | ({ readonly handed?: undefined } & StateOf<Lease>);

/** Returns the thing that the unacknowledged answer of a call handed over. */
function handedOverOf(state: HandedState, call: CallContext, { keyspace, homes }: RestoredParts, restoring: Restoring): HandedOver {
  return restored() ?? new Ended(state);

  function restored(): HandedOver | undefined {
    switch (state.handed) {
      case 'items':
        return state.ended ? undefined : new HandedItems(object(state.queue) as MemoryQueue, state.items.map(itemOf));
      case 'deliveries': {
        const queue = keyspace.objects.get(state.queue);
        return queue instanceof MemoryQueue ? new HandedDeliveries(queue.deliveries, state.tokens) : undefined;
      }
      case 'messages':
        return state.ended ? undefined : new HandedMessages((object(state.pipe) as MemoryPipe).ends[state.end], state.messages);
      case 'notification':
        return state.ended ? undefined : new HandedNotification(object(state.condition) as MemoryCondition);
      case 'permits':
        return state.ended ? undefined : new HandedPermits(object(state.semaphore) as MemorySemaphore, state.permits);
      case 'home':
        return state.ended ? undefined : found(homes.find(restoring.caller(state.home)), state.home).handedOver(state.id, call.session);
      case undefined:
        return restoring.leases.get(state.token);
    }
  }

  function object(name: string): SharedObject {
    return found(keyspace.objects.get(name), name);
  }
}

/** Part of an object or a hold that has ended: it is not given back. */
class Ended implements HandedOver {
  constructor(private readonly was: State) {}

  giveBack(): void {}

  state(): State {
    return this.was;
  }
}
