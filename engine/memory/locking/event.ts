import type { CallContext, Handlers } from '../../../proto/contract.js';
import { TimeoutError, type NotFoundError } from '../../../proto/errors.js';
import type { EventService, EventServiceWaitResponse } from '../../../proto/gen/commonhold/v1/event_wire.js';
import type { StateOf } from '../../../proto/state.js';
import type { Future } from '../../core/future.js';
import type { Restoring } from '../../core/restoring.js';
import { SharedObject, type Keyspace, type ObjectKind } from '../lifetime/keyspace.js';
import { StateVersion } from '../watching/state-version.js';
import { WaitList, nothing } from './waiters.js';
import { watchState } from '../watching/watch.js';
import type { GrowingNumbers } from '../../core/growing-numbers.js';

/** A flag to wait for, as Python's Event. */
export class MemoryEvent extends SharedObject {
  readonly kind = 'event';
  readonly size = 1;
  readonly version: StateVersion;
  /** Calls that wait. Empty while the flag is set. */
  readonly #waiting: WaitList<void, EventServiceWaitResponse>;
  #set = false;

  constructor(name: string, revisions: GrowingNumbers) {
    super(name);
    this.#waiting = new WaitList(revisions.clock);
    this.version = new StateVersion(revisions);
  }

  get isSet(): boolean {
    return this.#set;
  }

  override get waiters(): number {
    return this.#waiting.size + this.version.waiters;
  }

  override get watches(): number {
    return this.version.waiters;
  }

  override options(): Record<string, string> {
    return { set: String(this.#set) };
  }

  override state() {
    return { set: this.#set, version: this.version.state(), waiting: this.#waiting.state(nothing) };
  }

  override restore({ set, version, waiting }: StateOf<MemoryEvent>, restoring: Restoring): void {
    this.#set = set;
    this.version.restore(version, restoring);
    this.#waiting.restore(waiting, restoring);
  }

  set(): void {
    if (!this.#set) this.version.bump();
    this.#set = true;
    while (this.#waiting.first) this.#waiting.first.succeed({ set: true });
  }

  clear(): void {
    if (this.#set) this.version.bump();
    this.#set = false;
  }

  wait(context: CallContext, timeoutMs: number | undefined): EventServiceWaitResponse | Future<EventServiceWaitResponse> {
    if (this.#set || timeoutMs === 0) return { set: this.#set };
    return this.#waiting.wait(context, undefined, timeoutMs).then(undefined, unsetIfLate);
  }

  override destroyed(gone: () => NotFoundError): void {
    this.#waiting.failAll(gone);
    this.version.destroyed(gone);
  }
}

/** Converts the timeout of a wait into a response. */
function unsetIfLate(error: unknown): EventServiceWaitResponse {
  if (error instanceof TimeoutError) return { set: false };
  throw error;
}

export function eventHandlers(keyspace: Keyspace): Handlers<typeof EventService> {
  const kind: ObjectKind<MemoryEvent> = { kind: 'event', make: (name, { histories }) => new MemoryEvent(name, histories.revisions) };
  return {
    open: (request, context) => ({ created: keyspace.create(kind, request, context).created }),

    isSet: ({ name }, context) => ({ set: keyspace.open(kind, name, context).isSet }),

    set({ name }, context) {
      keyspace.open(kind, name, context).set();
      return {};
    },

    clear({ name }, context) {
      keyspace.open(kind, name, context).clear();
      return {};
    },

    watch: (request, context) => watchState(keyspace, kind, request, (event) => ({ set: event?.isSet ?? false }), context),

    wait: ({ name, timeoutMs }, context) => keyspace.open(kind, name, context).wait(context, timeoutMs),
  };
}
