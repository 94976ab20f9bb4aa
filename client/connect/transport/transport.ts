import type { Warning } from '../../../proto/gen/commonhold/v1/session_wire.js';
import type { Method } from '../../../proto/wire/codec.js';
import type { Opening } from '../../../proto/wire/frames.js';

/** What goes with a call beside its request. */
export interface CallOptions {
  /** Gives a waiting call up; it rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** Waiting for its answer does not keep the program alive. */
  background?: boolean | undefined;
  /** The `Open` that must succeed before the call. */
  opening?: Opening | undefined;
  /** Takes charge of what the answer hands over; without it, all is taken as soon as the answer is here. */
  handOver?: HandOver | undefined;
}

/** Carries calls to an engine. All that a proxy knows of the way there. */
export interface Transport {
  /** Address of the manager, as in references. */
  readonly address: string;
  /** Whether an address is one of this manager: empty means the manager that a reference came from. */
  isAt(address: string): boolean;
  /** Identity of the session that calls now go to; it changes when one is lost. */
  readonly sessionId: string;
  /** Whether there is a session now, so that a call opens none. */
  readonly connected: boolean;
  /**
   * Makes a call, and resolves with what `read` makes of the response. The response is valid only
   * while `read` runs. What makes the call impossible rejects as well.
   */
  call<I, O, R>(method: Method<I, O>, request: I, read: (response: O) => R, options?: CallOptions): Promise<R>;
  /** Tells, once, when a hold ends by its lease or with the session. Answers a function that stops telling. */
  onLost(token: number, told: (reason: Error) => void): () => void;
  /**
   * Tells, after an answer was read, which objects without a name its values refer to, each as often as it occurs: also where
   * nobody waited for the answer any more. Called again, it tells the new listener alone.
   */
  onReferences(told: (names: readonly string[]) => void): void;
  /** Tells what the manager warns of. Called again, it tells the new listener alone. */
  onWarning(told: (warning: Warning) => void): void;
  close(): Promise<void>;
}

/** How long a call may wait in the manager, in milliseconds, as its request says: 0 where it does not wait, undefined for ever. */
export function timeoutOf(method: Method, request: unknown): number | undefined {
  return method.blocking ? (request as { timeoutMs?: number | undefined }).timeoutMs : 0;
}

/** What an answer handed over, until all of it is taken or the rest is given back; later words mean nothing. */
export class HandOver {
  #taken: (count?: number, sent?: (lost?: Error) => void) => void = () => {};
  #giveBack: () => void = () => {};
  #settled = false;

  /** @internal Called by the transport when the answer is here. */
  arrived(taken: (count?: number, sent?: (lost?: Error) => void) => void, giveBack: () => void): void {
    this.#taken = taken;
    this.#giveBack = giveBack;
    // It was given back while it was under way.
    if (this.#settled) giveBack();
  }

  /** The first `count` items are the client's now. */
  progressed(count: number): void {
    if (!this.#settled) this.#taken(count);
  }

  /** All is the client's now. Resolves when the acknowledgement has left; rejects where it is lost with the session. */
  taken(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#settled) return resolve();
      this.#settled = true;
      this.#taken(undefined, (lost) => (lost ? reject(lost) : resolve()));
    });
  }

  /** What is not taken goes back. */
  giveBack(): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#giveBack();
  }
}
