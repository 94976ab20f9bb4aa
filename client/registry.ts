import type { Reference } from '../proto/codec/reference.js';
import { InvalidArgumentError } from '../proto/errors.js';
import { SharedDict } from './dict.js';
import { SharedList } from './list.js';
import { Lock } from './lock.js';
import { SharedQueue } from './queue.js';
import type { Home, Kind } from './structure.js';
import { SharedValue } from './value.js';

/** A proxy of any kind. */
export type AnyProxy = SharedDict | SharedList | SharedQueue | SharedValue | Lock;

/** How a proxy of each kind is made of a name alone. */
const KINDS: Record<Kind, (home: Home, name: string) => AnyProxy> = {
  dict: (home, name) => new SharedDict(home, name),
  list: (home, name) => new SharedList(home, name),
  queue: (home, name) => new SharedQueue(home, name),
  value: (home, name) => new SharedValue(home, name, undefined),
  lock: (home, name) => new Lock(home, name),
};

/** The proxy that a reference stands for. */
export function proxyOf(home: Home, { kind, name }: Reference): AnyProxy {
  if (!Object.hasOwn(KINDS, kind)) throw new InvalidArgumentError(`"${name}" is a ${kind}, a kind that this version does not know`);
  return KINDS[kind as Kind](home, name);
}
