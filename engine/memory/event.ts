import type { CallContext, Handlers } from '../../proto/contract.js';
import { TimeoutError } from '../../proto/errors.js';
import type { EventService, EventServiceWaitResponse } from '../../proto/gen/commonhold/v1/event_wire.js';
import { SharedObject, gone, type Keyspace, type Kind } from './keyspace.js';
import { WaitList } from './waiters.js';

/** A flag that is waited for: Python's Event. */
class Event extends SharedObject {
  readonly kind = 'event';
  readonly size = 1;
  /** Calls that wait. While some do, the flag is not set. */
  readonly #waiting = new WaitList<void, EventServiceWaitResponse>();
  #set = false;

  get isSet(): boolean {
    return this.#set;
  }

  override get waiters(): number {
    return this.#waiting.size;
  }

  override options(): Record<string, string> {
    return { set: String(this.#set) };
  }

  set(): void {
    this.#set = true;
    while (this.#waiting.first) this.#waiting.first.succeed({ set: true });
  }

  clear(): void {
    this.#set = false;
  }

  wait(context: CallContext, timeoutMs: number | undefined): EventServiceWaitResponse | Promise<EventServiceWaitResponse> {
    if (this.#set || timeoutMs === 0) return { set: this.#set };
    return this.#waiting.wait(context, undefined, timeoutMs).catch(unsetIfLate);
  }

  override destroyed(): void {
    this.#waiting.failAll(() => gone(this.name));
  }
}

/** The end of a wait by its timeout is an answer, and no error. */
function unsetIfLate(error: unknown): EventServiceWaitResponse {
  if (error instanceof TimeoutError) return { set: false };
  throw error;
}

export function eventHandlers(keyspace: Keyspace): Handlers<typeof EventService> {
  const kind: Kind<Event> = { kind: 'event', make: (name) => new Event(name) };
  return {
    open: ({ name, exclusive }) => ({ created: keyspace.create(kind, name, exclusive).created }),

    isSet: ({ name }, context) => ({ set: keyspace.open(kind, name, context).isSet }),

    set({ name }, context) {
      keyspace.open(kind, name, context).set();
      return {};
    },

    clear({ name }, context) {
      keyspace.open(kind, name, context).clear();
      return {};
    },

    wait: ({ name, timeoutMs }, context) => keyspace.open(kind, name, context).wait(context, timeoutMs),
  };
}
