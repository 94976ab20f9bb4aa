import type { Warning } from './gen/commonhold/v1/session_wire.js';
import type { State, Stateful } from './state.js';
import type { Method, Service } from './wire/codec.js';

/**
 * The one function type of this code base: an engine is a table of handlers, a transport calls them, and all code between a client and an
 * engine only carries requests and responses.
 *
 * A handler returns its response at once if it can; a PromiseLike (`isThenable`) means that the call waits for another client.
 */
export type Handler<I = unknown, O = unknown> = (request: I, context: CallContext) => O | PromiseLike<O>;

/** A handler for every method of a service. */
export type Handlers<S extends Service> = {
  [K in keyof S['methods']]: S['methods'][K] extends Method<infer I, infer O> ? Handler<I, O> : never;
};

/** The caller of a method, and the ways in which the handler and the transport talk about the call. */
export interface CallContext {
  readonly session: Caller;
  /** Number of the call in its session, by which the state of an engine names it. Undefined for a caller that numbers no calls. */
  readonly id?: number | undefined;
  /** The called method, if the call is numbered. */
  readonly method?: Method | undefined;
  /** If true, a read of an unknown name fails instead of creating the object, because a person who inspects must change nothing. */
  readonly readOnly: boolean;
  /** Set by a handler while its call waits: ends the wait without taking anything. */
  cancel: ((reason: Error) => void) | undefined;
  /** True while the call waits for an object on which a long call works, see `LongCalls`. */
  delayed?: boolean | undefined;
  /** The result of the steps that went before a long call. Undefined if nothing was prepared, or if turns are applied again. */
  prepared?: unknown;
  /** Set for a call with a fence: returns the error if the lock of the fence is not held under its token now. */
  stale?: (() => Error | undefined) | undefined;
  /**
   * Set while an `Open` runs before the call. The handler of `Open` may set `forwarded` to its encoded request, and return at once: then
   * the handler of the call sends it along.
   */
  opening?: { forwarded: Uint8Array | undefined } | undefined;
  /** Tells the transport that the response hands something over. */
  handOver(handedOver: HandedOver): void;
}

/** Something that a response hands over. It is with the client once the client acknowledges the response. */
export interface HandedOver extends Stateful {
  /**
   * Undoes the hand-over, except for the first `taken` items. Called if the call is cancelled or the session ends before the client
   * acknowledges the response.
   * @param died true if the session ended, whose client may have begun to use what it was given; false if the client gives it back
   */
  giveBack(taken: number, died: boolean): void;
  /** Called after a full acknowledgement. */
  settled?(): void;
}

/** The identity under which a client acquires locks, items and references. */
export interface Caller {
  /** Empty for a unary call, which belongs to no session. */
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  /** Name that the client gives itself. */
  readonly label: string;
  /** Undefined for a caller that may do everything. */
  readonly rights?: CallerRights | undefined;
  /** True once the session has ended. Answers that come later in that turn do not arrive. */
  ended?: boolean;
  /** Everything that the session holds; released when the session ends. */
  readonly holds: Set<SessionResource>;
  /** Notifies the client that the lease of a hold ended. */
  lost(token: number): void;
  /** Notifies the client of a problem, although no call failed. */
  warn(warning: Warning): void;
}

/** The rights of a caller on objects, as bits of `Verb`. */
export interface CallerRights {
  /** Name of its token. */
  readonly token: string;
  /** Rights on all objects, whatever their names. */
  readonly everywhere: number;
  /** Returns the rights on the object of a name. */
  on(name: string): number;
}

/** Something that a session holds, such as a lock or a delivery. */
export interface SessionResource {
  /** Releases it because the session ended. */
  abandon(): void;
  /** Tells it from the other resources of the session, for the state of the session. */
  identity(): State;
}

/** Implementation of the contract over some storage. It knows nothing of transports. */
export interface Engine {
  /** Name of the engine for people, such as "memory". */
  readonly name: string;
  /** Returns the handler of a method; undefined if this engine does not offer it. */
  handler(method: Method): Handler | undefined;
  /**
   * Runs work as one turn of the engine: calls of handlers, cancellations, acknowledgements and the end of a session, in order. Work within
   * a turn belongs to that turn. Handlers are turns of their own; `CallContext.cancel`, the functions of a hand-over and
   * `SessionResource.abandon` must be called in one.
   */
  turn<R>(run: () => R): R;
  /** Destroys all objects and stops their timers. */
  close(): void;
}
