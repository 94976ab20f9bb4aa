import { DictService } from './gen/commonhold/v1/dict_wire.js';
import { PathService } from './gen/commonhold/v1/path_wire.js';
import { services } from './gen/commonhold/v1/services_wire.js';
import { METHOD_ORDER } from './method-order.js';
import type { Method } from './wire/codec.js';

const named = new Map(services.flatMap((service) => Object.values<Method>(service.methods)).map((method) => [method.name, method]));

/** All methods of all services, by their numbers in frames. */
export const methods: readonly Method[] = METHOD_ORDER.map((name) => {
  const method = named.get(`commonhold.v1.${name}`);
  if (method === undefined) throw new Error(`proto/method-order.ts has ${name}, which is no method of the contract`);
  return method;
});

if (new Set(methods).size < named.size) {
  const missing = [...named.values()].filter((method) => !methods.includes(method));
  throw new Error(
    `${missing.map(({ name }) => name).join(', ')}: add it at the end of proto/method-order.ts, where each method has its number`,
  );
}

/** Returns the method of a full name, such as "commonhold.v1.DictService/Set". */
export function methodNamed(name: string): Method | undefined {
  return named.get(name);
}

const openers = new Map(methods.filter((method) => method.name.endsWith('/Open')).map((method) => [method.service, method]));
// A path leads into a dict, so the object to open is a dict.
openers.set(PathService.typeName, DictService.methods.open);

/** Returns the `Open` that may precede a call of the method: the type of the call's `open` request. */
export function openerOf(method: Method): Method | undefined {
  return openers.get(method.service);
}

/** Returns true if a method is the `Open` of its service. */
export function isOpener(method: Method): boolean {
  return openers.get(method.service) === method;
}

/** Returns the kind of objects of a service: the service's name in lower case. */
export function kindOf({ service }: Method): string {
  return service.slice(service.lastIndexOf('.') + 1, -'Service'.length).toLowerCase();
}
