import type { Reference } from '../../proto/codec/reference.js';
import { InvalidArgumentError } from '../../proto/errors.js';
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
import { Condition } from '../locking/condition.js';
import { SharedSet } from './set.js';
import { ObjectProxy, type ProxyContext, type Kind } from './object-proxy.js';
import { SharedValue } from './value.js';
import { remoteObject } from './object.js';
import type { RemoteObject } from './remote.js';

/** A proxy of any kind. */
export type AnyProxy =
  | SharedDict
  | SharedList
  | SharedSet
  | SharedArray
  | SharedQueue
  | SharedValue
  | Lock
  | Semaphore
  | Event
  | Barrier
  | Namespace
  | PipeEnd
  | RLock
  | Condition
  | RemoteObject;

/** How a proxy of each kind is made of a name alone. */
const KINDS: Record<Kind, (home: ProxyContext, name: string, end: number | undefined) => AnyProxy> = {
  dict: (home, name) => new SharedDict(home, name),
  list: (home, name) => new SharedList(home, name),
  queue: (home, name) => new SharedQueue(home, name),
  set: (home, name) => new SharedSet(home, name),
  array: (home, name) => new SharedArray(home, name),
  value: (home, name) => new SharedValue(home, name, undefined),
  lock: (home, name) => new Lock(home, name),
  namespace: (home, name) => new Namespace(home, name),
  pipe: (home, name, end) => new PipeEnd(home, name, end ?? 0),
  semaphore: (home, name) => new Semaphore(home, name),
  event: (home, name) => new Event(home, name),
  barrier: (home, name) => new Barrier(home, name),
  rlock: (home, name) => new RLock(home, name),
  condition: (home, name) => new Condition(home, name),
  object: (home, name) => remoteObject(home, name),
};

/** The proxy that a reference stands for. */
export function proxyOf(home: ProxyContext, { kind, name, end }: Reference): AnyProxy {
  if (!Object.hasOwn(KINDS, kind)) throw new InvalidArgumentError(`"${name}" is a ${kind}, a kind that this version does not know`);
  const proxy = KINDS[kind as Kind](home, name, end);
  if (proxy instanceof ObjectProxy) proxy.received();
  return proxy;
}
