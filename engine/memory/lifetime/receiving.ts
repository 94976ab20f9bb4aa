import type { CallContext, Handler } from '../../../proto/contract.js';
import { isThenable } from '../../../proto/thenable.js';
import type { Method } from '../../../proto/wire/codec.js';
import type { Keyspace } from './keyspace.js';

/** Makes a handler {@link receive} its answers. */
export function receiving(keyspace: Keyspace, method: Method, handler: Handler): Handler {
  if (method.output.payloads === undefined) return handler;
  return (request, context) => receive(keyspace, method, handler(request, context), context);
}

/**
 * Keeps the anonymous objects that an answer refers to alive for the session that receives it, or for the grace period of a unary call. Returns
 * the answer.
 */
export function receive(keyspace: Keyspace, method: Method, answer: unknown, context: CallContext): unknown {
  return isThenable(answer)
    ? answer.then((response) => keep(keyspace, method, response, context))
    : keep(keyspace, method, answer, context);
}

function keep({ anonymous }: Keyspace, { output }: Method, response: unknown, { session }: CallContext): unknown {
  if (!anonymous.any || session.ended) return response;
  if (session.id === '') output.payloads?.(response, (payload) => anonymous.claimAll(payload, session));
  else output.payloads?.(response, (payload) => anonymous.sent(payload, session));
  return response;
}
