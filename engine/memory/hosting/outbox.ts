import type { CallContext } from '../../../proto/contract.js';
import { LimitExceededError } from '../../../proto/errors.js';
import type { HomeEvent, HomeServiceNextResponse } from '../../../proto/gen/commonhold/v1/home_wire.js';
import type { Stateful, StateOf } from '../../../proto/state.js';
import type { ForwardedCall } from './forwarded-call.js';
import { PAGE_BYTES } from '../../core/page.js';
import type { Clock } from '../../core/clock.js';
import { Future } from '../../core/future.js';
import type { Restoring } from '../../core/restoring.js';
import { callState, messageState } from '../../core/state.js';

/** Maximum size of the calls that a home has not fetched, in bytes. Further calls fail. */
const MOST_BYTES = 64 * 1024 * 1024;

interface OutboxEvent {
  readonly event: HomeEvent;
  /** Size of the users' data in it, in bytes. */
  readonly bytes: number;
  readonly call: ForwardedCall | undefined;
}

/** The events for a home, until it fetches them. All events of a turn are sent together. */
export class HostOutbox implements Stateful {
  #entries: OutboxEvent[] = [];
  #bytes = 0;
  #waiting: { readonly context: CallContext; readonly answer: Future<HomeServiceNextResponse> } | undefined;
  #flushing = false;

  constructor(private readonly clock: Clock) {}

  /** The number of bytes follows from the events. */
  state() {
    return { events: this.#entries.map(({ event }) => messageState(event)), waiting: this.#waiting && callState(this.#waiting.context) };
  }

  /** @param callOf returns a call that the home has not answered */
  restore({ events, waiting }: StateOf<HostOutbox>, restoring: Restoring, callOf: (id: number) => ForwardedCall | undefined): void {
    for (const state of events) {
      const event = state as HomeEvent;
      const bytes = event.call === undefined ? 0 : sizeOf(event.call);
      this.#entries.push({ event, bytes, call: event.call && callOf(event.call.id) });
      this.#bytes += bytes;
    }
    if (waiting === undefined) return;
    const context = restoring.call(waiting);
    restoring.answers(context, this.#wait(context));
  }

  add(event: HomeEvent): void {
    this.#push({ event, bytes: 0, call: undefined });
  }

  /** Adds a call. Throws LimitExceededError if the home is too far behind. */
  addCall(event: HomeEvent, call: ForwardedCall): void {
    const bytes = sizeOf(call);
    if (this.#bytes > 0 && this.#bytes + bytes > MOST_BYTES) {
      throw new LimitExceededError(`the home of the object is behind by ${this.#bytes} bytes of calls: try again later`, {
        method: call.method.name,
      });
    }
    this.#bytes += bytes;
    this.#push({ event, bytes, call });
  }

  /** Removes a call that the home has not fetched. */
  drop(call: ForwardedCall): void {
    const index = this.#entries.findIndex((entry) => entry.call === call);
    if (index < 0) return;
    const [{ bytes }] = this.#entries.splice(index, 1) as [OutboxEvent];
    this.#bytes -= bytes;
  }

  /** Returns the next events, or waits for some. Ends an earlier wait. */
  next(context: CallContext): HomeServiceNextResponse | Future<HomeServiceNextResponse> {
    this.end();
    if (this.#entries.length > 0) return { events: this.#page() };
    return this.#wait(context);
  }

  #wait(context: CallContext): Future<HomeServiceNextResponse> {
    const answer = new Future<HomeServiceNextResponse>(this.clock);
    this.#waiting = { context, answer };
    context.cancel = (reason) => {
      context.cancel = undefined;
      this.#waiting = undefined;
      answer.reject(reason);
    };
    return answer;
  }

  /** Ends the wait of the home, without events. */
  end(): void {
    this.#respond([]);
  }

  #respond(events: HomeEvent[]): void {
    if (this.#waiting === undefined) return;
    const { context, answer } = this.#waiting;
    this.#waiting = undefined;
    context.cancel = undefined;
    answer.resolve({ events });
  }

  #push(entry: OutboxEvent): void {
    this.#entries.push(entry);
    if (this.#flushing || this.#waiting === undefined) return;
    this.#flushing = true;
    this.clock.defer(() => {
      this.#flushing = false;
      if (this.#entries.length > 0 && this.#waiting !== undefined) this.#respond(this.#page());
    });
  }

  /** Removes and returns as many events as fit into one response. */
  #page(): HomeEvent[] {
    let count = 0;
    for (let bytes = 0; count < this.#entries.length && bytes < PAGE_BYTES; count++) {
      const { bytes: more, call } = this.#entries[count]!;
      if (count > 0 && bytes + more > PAGE_BYTES) break;
      bytes += more;
      this.#bytes -= more;
      if (call !== undefined) call.sent = true;
    }
    return this.#entries.splice(0, count).map(({ event }) => event);
  }
}

/** Size of the users' data in a call, in bytes. */
function sizeOf({ request, open }: { readonly request: Uint8Array; readonly open?: Uint8Array | undefined }): number {
  return request.length + (open?.length ?? 0);
}
