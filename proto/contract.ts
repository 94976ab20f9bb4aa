import type { Warning } from './gen/commonhold/v1/session_wire.js';
import type { Method, Service } from './wire/codec.js';

/**
 * The one function type of the house: an engine is made of them, a transport gives them, and what
 * lies between a client and an engine only carries requests from the one to the other.
 *
 * A handler answers at once where it can; a promise means that the call waits for another client.
 */
export type Handler<I = unknown, O = unknown> = (request: I, context: CallContext) => O | Promise<O>;

/** A handler for every method of a service. */
export type Handlers<S extends Service> = {
  [K in keyof S['methods']]: S['methods'][K] extends Method<infer I, infer O> ? Handler<I, O> : never;
};

/** Who calls, and how a waiting call ends early. */
export interface CallContext {
  readonly session: Caller;
  /** Reads of an unknown name fail instead of making the object: a person looking should change nothing. */
  readonly readOnly: boolean;
  /** Set by a handler while its call waits: makes it give up, having taken nothing. */
  cancel: ((reason: Error) => void) | undefined;
  /**
   * Set where an `Open` goes before the call: its handler may leave the request, as bytes, to the handler
   * of the call, and answer at once.
   */
  opening?: { left: Uint8Array | undefined } | undefined;
  /**
   * The answer hands something over. `giveBack` undoes that, all but the first `taken` items, unless
   * the client acknowledges the answer, which `settled` is told.
   */
  handOver(giveBack: (taken: number) => void, settled?: () => void): void;
}

/** The identity under which a client acquires things. */
export interface Caller {
  /** Empty for a unary call, which belongs to no session. */
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  /** What the client calls itself. */
  readonly label: string;
  /** If true, its values come from the SDK's own encoder. */
  readonly isSdk?: boolean;
  /** What it holds; all of it is released when the session ends. */
  readonly holds: Set<SessionResource>;
  /** Tells the client that a hold ended by its lease. */
  lost(token: number): void;
  /** Tells the client of something that is not as it should be, although no call failed. */
  warn(warning: Warning): void;
}

/** Something that a session holds. */
export interface SessionResource {
  /** Ends the hold because its holder is gone. */
  abandon(): void;
}

/** Implementation of the contract over some storage. It knows nothing of transports. */
export interface Engine {
  /** For people: "memory". */
  readonly name: string;
  /** The handler of a method; absent where this engine does not offer it. */
  handler(method: Method): Handler | undefined;
  /** Ends all objects and their timers. */
  close(): void;
}
