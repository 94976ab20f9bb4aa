import type { CallContext } from '../../../proto/contract.js';
import { LimitExceededError } from '../../../proto/errors.js';
import type { HomeEvent, HomeServiceNextResponse } from '../../../proto/gen/commonhold/v1/home_wire.js';
import type { ForwardedCall } from './forwarded-call.js';
import { PAGE_BYTES } from '../../core/page.js';

/** With so many bytes of calls that it has not asked for, a home gets no more. */
const MOST_BYTES = 64 * 1024 * 1024;

interface OutboxEvent {
  readonly event: HomeEvent;
  /** Bytes of users' data in it. */
  readonly bytes: number;
  readonly call: ForwardedCall | undefined;
}

/** What has come for a home, until it asks for it. All that comes in a turn of the event loop leaves together. */
export class HostOutbox {
  #entries: OutboxEvent[] = [];
  #bytes = 0;
  #waiting: ((response: HomeServiceNextResponse) => void) | undefined;
  #flushing = false;

  add(event: HomeEvent): void {
    this.#push({ event, bytes: 0, call: undefined });
  }

  /** Throws where the home is so far behind that it gets no more. */
  addCall(event: HomeEvent, call: ForwardedCall): void {
    const bytes = call.request.length + (call.open?.length ?? 0);
    if (this.#bytes > 0 && this.#bytes + bytes > MOST_BYTES) {
      throw new LimitExceededError(`the home of the object is behind by ${this.#bytes} bytes of calls: try again later`, {
        method: call.method.name,
      });
    }
    this.#bytes += bytes;
    this.#push({ event, bytes, call });
  }

  /** Drops a call that the home was not told of yet. */
  drop(call: ForwardedCall): void {
    const index = this.#entries.findIndex((entry) => entry.call === call);
    if (index < 0) return;
    const [{ bytes }] = this.#entries.splice(index, 1) as [OutboxEvent];
    this.#bytes -= bytes;
  }

  /** Answers with what is there, or waits. Who waited before waits no longer. */
  next(context: CallContext): HomeServiceNextResponse | Promise<HomeServiceNextResponse> {
    this.end();
    if (this.#entries.length > 0) return { events: this.#page() };
    return new Promise((resolve, reject) => {
      this.#waiting = (response) => {
        context.cancel = undefined;
        this.#waiting = undefined;
        resolve(response);
      };
      context.cancel = (reason) => {
        context.cancel = undefined;
        this.#waiting = undefined;
        reject(reason);
      };
    });
  }

  /** Nothing more comes for who waits. */
  end(): void {
    this.#waiting?.({ events: [] });
  }

  #push(entry: OutboxEvent): void {
    this.#entries.push(entry);
    if (this.#flushing || this.#waiting === undefined) return;
    this.#flushing = true;
    process.nextTick(() => {
      this.#flushing = false;
      if (this.#entries.length > 0) this.#waiting?.({ events: this.#page() });
    });
  }

  /** Takes out as much as one answer carries. */
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
