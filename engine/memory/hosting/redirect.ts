import type { CallContext, Handler } from '../../../proto/contract.js';
import { UnimplementedError } from '../../../proto/errors.js';
import { isOpener } from '../../../proto/methods.js';
import type { Method } from '../../../proto/wire/codec.js';
import { encodeMessage } from '../../../proto/wire/message.js';
import { ForwardedCall } from './forwarded-call.js';
import { placeOf, type ForwardedObject } from './forwarded-object.js';
import type { HostSessions } from './host-sessions.js';
import type { OpenRequestBase } from '../lifetime/keyspace.js';
import { namesIn } from '../lifetime/naming.js';

/** A handler that runs here what concerns objects that are here, and forwards the rest to their home. */
export function redirected(homes: HostSessions, method: Method, handler: Handler): Handler {
  const opener = isOpener(method);
  return (request, context) => {
    if (!homes.any) return handler(request, context);
    // Whoever makes an object wants none that was: what became of that one does not concern it.
    if (opener && (request as OpenRequestBase).exclusive) homes.forget((request as OpenRequestBase).name);
    const object = commonPlace(homes, method, namesIn(request)) ?? departed(homes, method, request);
    if (object === undefined) return handler(request, context);
    if (object.node !== undefined) homes.keyspace.anonymous.claim(object.node, context.session);
    return forward(homes, object, method, request, context);
  };
}

/** What a watch is to hear the end of. */
function departed(homes: HostSessions, { name: method }: Method, request: unknown): ForwardedObject | undefined {
  const { name, from } = request as { name: string; from?: number };
  return from !== undefined && method.endsWith('/Watch') ? homes.departed(name) : undefined;
}

/** Any of these objects, where all of them are at home in one other place; undefined where all are here. */
function commonPlace(homes: HostSessions, method: Method, names: readonly string[]): ForwardedObject | undefined {
  const objects = names.map((name) => homes.get(name));
  const [first] = objects;
  const stray = objects.findIndex((object) => object?.link !== first?.link);
  if (stray < 0) return first;
  const where = (index: number): string =>
    `"${names[index]}" is ${objects[index] ? `at home in ${placeOf(objects[index].home)}` : 'held by the manager'}`;
  throw new UnimplementedError(
    `one call cannot use objects in two places: ${where(0)}, ${where(stray)}; make both in one place, or make two calls`,
    { object: names[stray], method: method.name },
  );
}

function forward(homes: HostSessions, object: ForwardedObject, method: Method, request: unknown, context: CallContext): unknown {
  const { anonymous } = homes.keyspace;
  const { link } = object;
  // What is in the values that go there is kept for as long as their new home is there.
  method.input.payloads?.(request, (payload) => anonymous.claimAll(payload, link.session));
  // Users' values in the request are views of the frame that brought it.
  const bytes = encodeMessage(homes.writer, method.input, request);
  const { opening } = context;
  if (opening !== undefined && isOpener(method)) {
    // It goes with the call itself: one way there instead of two, and the calls of a session stay in order.
    opening.left = bytes;
    return { created: false };
  }
  return link.forward(new ForwardedCall(method, bytes, opening?.left, context), object);
}
