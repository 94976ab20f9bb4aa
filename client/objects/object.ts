import { inspect } from 'node:util';
import { ObjectService, type ObjectServiceOpenRequest } from '../../proto/gen/commonhold/v1/object_wire.js';
import { encodePayload } from '../../proto/codec/payload.js';
import { REFERENCE } from '../../proto/codec/reference.js';
import { InvalidArgumentError } from '../../proto/errors.js';
import type { Payload } from '../../proto/wire/values.js';
import type { RemoteHandle, RemoteObject } from './remote.js';
import { attempt, ObjectProxy, type ProxyContext } from './object-proxy.js';
import { timeoutOf, type WaitOptions } from '../wait.js';

const { methods } = ObjectService;

/** Type and constructor arguments of an object that does not exist yet. */
export interface Construction {
  readonly type: string;
  readonly args: readonly unknown[];
}

/**
 * Returns a proxy of an object of a registered type. No round trip.
 * @param construction undefined for an existing object
 * @throws InvalidArgumentError for constructor arguments that cannot be sent
 */
export function remoteObject<T>(context: ProxyContext, name: string, construction?: Construction): RemoteObject<T> {
  const remote = new RemoteObjectProxy(context, name, construction);
  if (construction === undefined) remote.received();
  const members = new Map<string, (...args: unknown[]) => Promise<unknown>>();
  const handle: RemoteHandle<T> & Record<typeof REFERENCE | typeof inspect.custom | typeof Symbol.toPrimitive, unknown> = {
    kind: 'object',
    name,
    exists: () => remote.exists(),
    create: async () => {
      await remote.create();
      return proxy;
    },
    destroy: () => remote.destroy(),
    expire: (ttl) => remote.expire(ttl),
    toJSON: () => remote.toJSON(),
    call: (member, args, options) => remote.use(member, args ?? [], options) as never,
    [REFERENCE]: () => remote[REFERENCE](),
    [Symbol.asyncDispose]: () => remote[Symbol.asyncDispose](),
    // Logged like other proxies, without the methods above.
    [inspect.custom]: () => remote,
    [Symbol.toPrimitive]: () => remote.toString(),
  };
  const proxy = new Proxy(handle, {
    get(own, property): unknown {
      if (typeof property === 'symbol' || property in own) return Reflect.get(own, property);
      if (NO_MEMBERS.has(property)) return undefined;
      let member = members.get(property);
      if (member === undefined) members.set(property, (member = (...args) => remote.use(property, args)));
      return member;
    },
    set(_, property) {
      throw new InvalidArgumentError(`"${String(property)}" of "${name}" cannot be set remotely: call a method that sets it`, {
        object: name,
      });
    },
  }) as RemoteObject<T>;
  return proxy;
}

/** Properties that `await` and test matchers look up on any object. */
const NO_MEMBERS: ReadonlySet<string> = new Set(['then', 'asymmetricMatch']);

/** Encodes the argument `undefined`, which has no payload. */
const UNDEFINED: Payload = '';

class RemoteObjectProxy extends ObjectProxy<ObjectServiceOpenRequest> {
  constructor(context: ProxyContext, name: string, construction?: Construction) {
    const { type = '', args = [] } = construction ?? {};
    if (construction !== undefined && (typeof type !== 'string' || type === '')) {
      throw new InvalidArgumentError('type: give the name under which the type is registered');
    }
    const request: ObjectServiceOpenRequest = { name, exclusive: false, type, arguments: args.map(argument) };
    super(context, 'object', name, { method: methods.open, request }, construction !== undefined);
  }

  use(member: string, args: readonly unknown[], options?: WaitOptions): Promise<unknown> {
    return attempt(() => {
      const timeoutMs = timeoutOf(options);
      const request = { name: this.name, member, arguments: args.map(argument), timeoutMs };
      return this.call(methods.call, request, ({ result }) => (result === undefined ? undefined : this.decode(result)), options);
    });
  }
}

function argument(value: unknown): Payload {
  return value === undefined ? UNDEFINED : encodePayload(value);
}
