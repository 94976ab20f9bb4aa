import { AtomicService } from './gen/commonhold/v1/atomic_wire.js';
import { ArrayService } from './gen/commonhold/v1/array_wire.js';
import { DictService } from './gen/commonhold/v1/dict_wire.js';
import { HomeService } from './gen/commonhold/v1/home_wire.js';
import { ListService } from './gen/commonhold/v1/list_wire.js';
import { LockService } from './gen/commonhold/v1/lock_wire.js';
import { ManagerService } from './gen/commonhold/v1/manager_wire.js';
import { NamespaceService } from './gen/commonhold/v1/namespace_wire.js';
import { PathService } from './gen/commonhold/v1/path_wire.js';
import { PipeService } from './gen/commonhold/v1/pipe_wire.js';
import { QueueService } from './gen/commonhold/v1/queue_wire.js';
import { ValueService } from './gen/commonhold/v1/value_wire.js';
import { SetService } from './gen/commonhold/v1/set_wire.js';
import { SemaphoreService } from './gen/commonhold/v1/semaphore_wire.js';
import { EventService } from './gen/commonhold/v1/event_wire.js';
import { BarrierService } from './gen/commonhold/v1/barrier_wire.js';
import { RLockService } from './gen/commonhold/v1/rlock_wire.js';
import { ConditionService } from './gen/commonhold/v1/condition_wire.js';
import { ObjectService } from './gen/commonhold/v1/object_wire.js';
import type { Method, Service } from './wire/codec.js';

/** All services whose calls travel in a session: the registry of the contract. */
export const services: readonly Service[] = [
  ManagerService,
  DictService,
  ListService,
  SetService,
  QueueService,
  ValueService,
  ArrayService,
  LockService,
  NamespaceService,
  PipeService,
  SemaphoreService,
  EventService,
  BarrierService,
  RLockService,
  ConditionService,
  AtomicService,
  ObjectService,
  PathService,
  HomeService,
];

/** All methods of all services. */
export const methods: readonly Method[] = services.flatMap((service) => Object.values(service.methods));

const named = new Map(methods.map((method) => [method.name, method]));

/** The method of a full name, as "commonhold.v1.DictService/Set". */
export function methodNamed(name: string): Method | undefined {
  return named.get(name);
}

const openers = new Map(methods.filter((method) => method.name.endsWith('/Open')).map((method) => [method.service, method]));
// A path leads into a dict: that is what there is to open.
openers.set(PathService.typeName, DictService.methods.open);

/** The `Open` of the service a method belongs to: what a call's `open` is a request of. */
export function openerOf(method: Method): Method | undefined {
  return openers.get(method.service);
}

/** Whether a method is the `Open` of a kind of objects. */
export function isOpener(method: Method): boolean {
  return openers.get(method.service) === method;
}

/** The kind of objects that a service is about: its own name, in lower case. */
export function kindOf({ service }: Method): string {
  return service.slice(service.lastIndexOf('.') + 1, -'Service'.length).toLowerCase();
}
