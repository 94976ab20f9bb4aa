import type { Handler } from '../../../proto/contract.js';
import { StaleFenceError } from '../../../proto/errors.js';
import type { Fence } from '../../../proto/gen/commonhold/v1/lock_wire.js';
import type { Method } from '../../../proto/wire/codec.js';
import type { Keyspace } from '../lifetime/keyspace.js';

/** A request that may have a fence. */
export interface FencedRequest {
  readonly name: string;
  readonly fence?: Fence | undefined;
}

/**
 * Refuses calls whose fence is stale: every write of the engine passes through here. A call that waits is checked again before it takes
 * effect, by the list in which it waits. One that waited before its engine was restored is not refused, since it does so in its turn.
 */
export function fenced(keyspace: Keyspace, { fenced }: Method, handler: Handler): Handler {
  if (!fenced) return handler;
  return (request, context) => {
    const { name, fence } = request as FencedRequest;
    if (fence !== undefined) {
      context.stale = () => staleness(keyspace, fence, name);
      if (!keyspace.use.exempting) assertFresh(keyspace, fence, name);
    }
    return handler(request, context);
  };
}

/** @throws StaleFenceError unless the lock of the fence is held under its token now */
export function assertFresh(keyspace: Keyspace, fence: Fence, object: string): void {
  const stale = staleness(keyspace, fence, object);
  if (stale) throw stale;
}

function staleness(keyspace: Keyspace, { name, token }: Fence, object: string): StaleFenceError | undefined {
  if (keyspace.get(name)?.heldUnder(token) === true) return undefined;
  return new StaleFenceError(`the write is fenced by "${name}", which nothing holds for writing under token ${token} now`, { object });
}
