import type { Engine, Handler, Handlers } from '../../proto/contract.js';
import { ManagerService } from '../../proto/gen/commonhold/v1/manager_wire.js';
import { KINDS } from '../../proto/gen/commonhold/v1/services_wire.js';
import type { Method, Service } from '../../proto/wire/codec.js';
import { unwatchEndings, watchEndings } from './threads/endings.js';
import { managerHandlers } from './handlers/manager.js';
import { unoffered } from './objects/unoffered.js';
import { SHARED_KIND_NAMES, SHARED_KINDS } from './kinds.js';
import { Objects } from './objects/objects.js';
import { clearAway } from './threads/reaper.js';
import type { Region } from './memory/region.js';
import { ArenaThread } from './memory/arena-thread.js';
import { assertStack } from './threads/stack.js';
import { ThreadWaits } from './threads/thread-waits.js';

/** The contract over shared memory, for one thread. */
export interface SharedEngine extends Engine {
  readonly objects: Objects;
  readonly thread: ArenaThread;
}

/** Returns the handler of a method that shared memory does not support: it throws. */
function refusal({ name }: Method): Handler {
  return () => {
    throw unoffered(name);
  };
}

/** Refuses calls with a fence: the writer itself would have to check it, and all threads write. */
function unfenced({ fenced }: Method, handler: Handler): Handler {
  if (!fenced) return handler;
  return (request, context) => {
    const { name, fence } = request as { readonly name: string; readonly fence?: object };
    if (fence !== undefined) throw unoffered('fences', name);
    return handler(request, context);
  };
}

/** Wraps a handler so that it throws before it changes anything if the stack is too short for it. */
function withStack(handler: Handler): Handler {
  return (request, context) => {
    assertStack();
    return handler(request, context);
  };
}

/** Makes this thread join the arena. */
export function createSharedEngine(region: Region): SharedEngine {
  const thread = new ArenaThread(region, clearAway);
  watchEndings(thread);
  const waits = new ThreadWaits(thread);
  const objects = new Objects({ thread, waits }, new Map(SHARED_KIND_NAMES.map((kind) => [kind, SHARED_KINDS[kind].object])));
  const handlers = new Map<Method, Handler>();
  const serve = <S extends Service>(service: S, implementation: Handlers<S>): void => {
    for (const [key, method] of Object.entries(service.methods))
      handlers.set(method, withStack(unfenced(method, implementation[key as keyof Handlers<S>])));
  };

  serve(ManagerService, managerHandlers(objects));
  for (const kind of SHARED_KIND_NAMES) serve<Service>(KINDS[kind], SHARED_KINDS[kind].handlers(objects));

  return {
    name: 'shared',
    objects,
    thread,
    handler: (method) => handlers.get(method) ?? refusal(method),
    // Shared memory has no turns: other threads change it at any time.
    turn: (run) => run(),
    close() {
      unwatchEndings(thread);
      waits.close();
      thread.leave();
      objects.forget();
    },
  };
}
