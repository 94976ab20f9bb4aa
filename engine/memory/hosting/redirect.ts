import type { CallContext, Handler } from '../../../proto/contract.js';
import { UnimplementedError } from '../../../proto/errors.js';
import { isOpener } from '../../../proto/methods.js';
import type { Method } from '../../../proto/wire/codec.js';
import { encodeMessage } from '../../../proto/wire/message.js';
import { ForwardedCall } from './forwarded-call.js';
import { describeHome, type ForwardedObject } from './forwarded-object.js';
import type { HostSessions } from './host-sessions.js';
import type { OpenRequestBase } from '../lifetime/keyspace.js';
import { namesIn } from '../lifetime/naming.js';

/** Wraps a handler: forwards calls on objects of another process to their home, and runs all others in the manager. */
export function redirected(homes: HostSessions, method: Method, handler: Handler): Handler {
  const opener = isOpener(method);
  return (request, context) => {
    if (!homes.any) return handler(request, context);
    // A call that makes a new object has nothing to do with an earlier one of that name, so the reason for its end is forgotten.
    if (opener && (request as OpenRequestBase).exclusive) homes.forget((request as OpenRequestBase).name);
    const object = commonHome(homes, method, namesIn(request)) ?? tombstone(homes, method, request);
    if (object === undefined) return handler(request, context);
    if (object.node !== undefined) homes.keyspace.anonymous.claim(object.node, context.session);
    return forward(homes, object, method, request, context);
  };
}

/** Returns the destroyed object that a watch continues, if another process held it. */
function tombstone(homes: HostSessions, { name: method }: Method, request: unknown): ForwardedObject | undefined {
  const { name, from } = request as { name: string; from?: number };
  return from !== undefined && method.endsWith('/Watch') ? homes.tombstone(name) : undefined;
}

/**
 * Returns one of these objects if they have the same home, or undefined if the manager holds all of them. Throws if they are in different
 * places.
 */
function commonHome(homes: HostSessions, method: Method, names: readonly string[]): ForwardedObject | undefined {
  const objects = names.map((name) => homes.get(name));
  const [first] = objects;
  const stray = objects.findIndex((object) => object?.link !== first?.link);
  if (stray < 0) return first;
  const where = (index: number): string =>
    `"${names[index]}" is ${objects[index] ? `at home in ${describeHome(objects[index].home)}` : 'held by the manager'}`;
  throw new UnimplementedError(
    `one call cannot use objects in two places: ${where(0)}, ${where(stray)}; make both in one place, or make two calls`,
    { object: names[stray], method: method.name },
  );
}

function forward(homes: HostSessions, object: ForwardedObject, method: Method, request: unknown, context: CallContext): unknown {
  const { anonymous } = homes.keyspace;
  const { link } = object;
  // The home's session claims the objects that the values refer to, because the home stores the values.
  method.input.payloads?.(request, (payload) => anonymous.claimAll(payload, link.session));
  // Encoded now, because users' values in the request are views of a frame.
  const bytes = encodeMessage(homes.writer, method.input, request);
  const { opening } = context;
  if (opening !== undefined && isOpener(method)) {
    // The `Open` goes with the call itself. That saves a round trip, and keeps the calls of the session in order.
    opening.forwarded = bytes;
    return { created: false };
  }
  return link.forward(new ForwardedCall(homes.keyspace.clock, method, bytes, opening?.forwarded, context), object);
}
