import { DictService } from './gen/commonhold/v1/dict_wire.js';
import { PathService } from './gen/commonhold/v1/path_wire.js';
import { services } from './gen/commonhold/v1/services_wire.js';
import type { Method } from './wire/codec.js';

/** All methods of all services. */
export const methods: readonly Method[] = services.flatMap((service) => Object.values<Method>(service.methods));

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
