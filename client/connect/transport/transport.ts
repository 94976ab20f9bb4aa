import type { Warning } from '../../../proto/gen/commonhold/v1/session_wire.js';
import type { Method } from '../../../proto/wire/codec.js';
import type { Opening } from '../../../proto/wire/frames.js';

/** Options of a call beside its request. */
export interface CallOptions {
  /** Cancels a waiting call, which rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** If true, the call does not keep the program alive while unanswered. */
  background?: boolean | undefined;
  /** If true, the call may last longer than its timeout while the manager responds. */
  lingers?: boolean | undefined;
  /** The `Open` request that must succeed before the call. */
  opening?: Opening | undefined;
  /** The trace of which the call is part, as in a frame; see {@link CallTracer}. */
  traceContext?: Uint8Array | undefined;
  /** Acknowledges the items that the answer hands over; without it, all are acknowledged as soon as the answer arrives. */
  handOver?: HandOver | undefined;
}

/** Makes calls parts of traces. */
export interface CallTracer {
  /** Makes a call, and takes note of its end. @param call makes it with a trace context for the manager */
  traced<R>(method: Method, request: unknown, address: string, call: (traceContext: Uint8Array) => Promise<R>): Promise<R>;
}

/** Carries calls to an engine. Proxies know only this interface. */
export interface Transport {
  /** Address of the manager, as in references. */
  readonly address: string;
  /** Returns true for an address of this manager; an empty address stands for the manager that a reference came from. */
  isAt(address: string): boolean;
  /** Id of the session that calls currently go to; it changes after a loss. */
  readonly sessionId: string;
  /** True if a session is open, so that a call does not open one. Its connection may be broken at the moment. */
  readonly connected: boolean;
  /** Name of the connection over which calls go at present; undefined while there is none. It differs after each cut and each loss. */
  readonly connectionId: string | undefined;
  /** True once this program has closed it: each further call rejects. */
  readonly closed: boolean;
  /**
   * Makes a call, and resolves with the result of `read` on the response. The response is valid only while `read` runs. Errors of making
   * the call reject too; nothing is thrown synchronously.
   */
  call<I, O, R>(method: Method<I, O>, request: I, read: (response: O) => R, options?: CallOptions): Promise<R>;
  /** Calls the listener once, when a hold ends with its lease or session. Returns a function that removes the listener. */
  onLost(token: number, told: (reason: Error) => void): () => void;
  /** Tells a loss at once that is due, although this program has not turned its event loop since, for example because it was stopped. */
  checkLease(): void;
  /**
   * Calls the listener after each answer whose values refer to anonymous objects, with their names, each as often as it occurs; also for
   * answers whose call was given up. A second listener replaces the first.
   */
  onReferences(told: (names: readonly string[]) => void): void;
  /** Calls the listener with the manager's warnings. A second listener replaces the first. */
  onWarning(told: (warning: Warning) => void): void;
  close(): Promise<void>;
}

/** Returns the maximum wait of a call in the manager, in milliseconds: 0 for a call that does not wait, undefined for no limit. */
export function timeoutOf(method: Method, request: unknown): number | undefined {
  return method.blocking ? (request as { timeoutMs?: number | undefined }).timeoutMs : 0;
}

/** The items that an answer handed over, until all are acknowledged or the rest is given back; calls after that have no effect. */
export class HandOver {
  #taken: (count?: number, sent?: (lost?: Error) => void) => void = () => {};
  #giveBack: () => void = () => {};
  #settled = false;

  /** @internal Called by the transport when the answer arrives. */
  arrived(taken: (count?: number, sent?: (lost?: Error) => void) => void, giveBack: () => void): void {
    this.#taken = taken;
    this.#giveBack = giveBack;
    // It was given back before the answer arrived.
    if (this.#settled) giveBack();
  }

  /** Acknowledges the first `count` items. */
  progressed(count: number): void {
    if (!this.#settled) this.#taken(count);
  }

  /** Acknowledges all items. Resolves when the acknowledgement was sent; rejects if it is lost with the session. */
  taken(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#settled) return resolve();
      this.#settled = true;
      this.#taken(undefined, (lost) => (lost ? reject(lost) : resolve()));
    });
  }

  /** Gives back the items that are not acknowledged. */
  giveBack(): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#giveBack();
  }
}
