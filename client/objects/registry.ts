import type { Reference } from '../../proto/codec/reference.js';
import { InvalidArgumentError } from '../../proto/errors.js';
import type { Kind } from '../../proto/gen/commonhold/v1/services_wire.js';
import { Semaphore } from '../locking/semaphore.js';
import { Event } from './event.js';
import { Barrier } from '../locking/barrier.js';
import { SharedArray } from './array.js';
import { SharedDict } from './dict.js';
import { SharedList } from './list.js';
import { Lock } from '../locking/lock.js';
import { Namespace } from './namespace.js';
import { PipeEnd } from './pipe.js';
import { SharedQueue } from './queue/queue.js';
import { RLock } from '../locking/rlock.js';
import { RWLock } from '../locking/rwlock.js';
import { Condition } from '../locking/condition.js';
import { SharedSet } from './set.js';
import { ObjectProxy, type ProxyContext } from './object-proxy.js';
import { SharedValue } from './value.js';
import { remoteObject } from './object.js';
import type { ObjectView } from '../../engine/shared/objects/object-view.js';
import type { SharedKind } from '../../engine/shared/objects/kind-numbers.js';
import type { SyncProxy } from '../shared/sync/sync-proxy.js';

/** Creates a proxy of each kind from a name alone. A kind of the contract without an entry does not compile. */
const PROXIES = {
  dict: (context, name) => new SharedDict(context, name),
  list: (context, name) => new SharedList(context, name),
  queue: (context, name) => new SharedQueue(context, name),
  set: (context, name) => new SharedSet(context, name),
  array: (context, name) => new SharedArray(context, name),
  value: (context, name) => new SharedValue(context, name, undefined),
  lock: (context, name) => new Lock(context, name),
  namespace: (context, name) => new Namespace(context, name),
  pipe: (context, name, end) => new PipeEnd(context, name, end ?? 0),
  semaphore: (context, name) => new Semaphore(context, name),
  event: (context, name) => new Event(context, name),
  barrier: (context, name) => new Barrier(context, name),
  rlock: (context, name) => new RLock(context, name),
  rwlock: (context, name) => new RWLock(context, name),
  condition: (context, name) => new Condition(context, name),
  object: (context, name) => remoteObject(context, name),
} satisfies { [K in Kind]: (context: ProxyContext, name: string, end: number | undefined) => K extends SharedKind ? Synchronous : object };

/** Proxies of the kinds that can be in shared memory have a synchronous API. */
interface Synchronous {
  readonly sync: SyncProxy<ObjectView>;
}

/** A proxy of any kind. */
export type AnyProxy = ReturnType<(typeof PROXIES)[Kind]>;

/** Returns the proxy that a reference stands for. */
export function proxyOf(context: ProxyContext, { kind, name, end }: Reference): AnyProxy {
  if (!Object.hasOwn(PROXIES, kind)) throw new InvalidArgumentError(`"${name}" is a ${kind}, a kind that this version does not know`);
  const proxy = PROXIES[kind as Kind](context, name, end);
  if (proxy instanceof ObjectProxy) proxy.received();
  return proxy;
}
