import type { CallContext, Caller, Engine, HandedOver, Handler } from '../../proto/contract.js';
import { CancelledError, InvalidArgumentError, ManagerError, SessionExpiredError, UnimplementedError } from '../../proto/errors.js';
import { methodNamed } from '../../proto/methods.js';
import type { Stateful, StateOf } from '../../proto/state.js';
import { isThenable } from '../../proto/thenable.js';
import { type Method } from '../../proto/wire/codec.js';
import { decodeMessage, encodeMessage } from '../../proto/wire/message.js';
import { MalformedError } from '../../proto/wire/values.js';
import { Writer } from '../../proto/wire/writer.js';
import type { Restoring } from './restoring.js';
import { assertAllowed } from './rights.js';
import { abandonAll, sessionState } from './session.js';
import { found } from './state.js';
import { OVERHEAD, type Use } from './use.js';

/** A method and its handler. */
export interface Route {
  readonly method: Method;
  readonly handler: Handler;
}

/** One of the calls that recreate an object with its present state. */
export interface RebuildCall {
  readonly method: Method;
  readonly request: unknown;
}

/** Receives the outcomes of calls, each between two operations of the engine, never within one. */
export interface Outcomes {
  answer(id: number, method: Method, response: unknown): void;
  fail(id: number, error: ManagerError): void;
  /** Returns the error for another call that begins to wait; undefined if it may. Left out where any may. */
  refuseWait?(): ManagerError | undefined;
}

/** A call of a session, kept while it waits or its answer is unacknowledged. */
class SessionCall implements CallContext, Stateful {
  cancel: ((reason: Error) => void) | undefined;
  delayed: boolean | undefined;
  prepared: unknown;
  opening: CallContext['opening'];
  handedOver: HandedOver | undefined;
  taken = 0;
  /** Set while it waits. */
  request: unknown;
  /** Size of that request as it came. */
  bytes = 0;

  constructor(
    readonly session: Caller,
    readonly readOnly: boolean,
    readonly id: number,
    readonly method: Method,
  ) {}

  handOver(handedOver: HandedOver): void {
    this.handedOver = handedOver;
  }

  state() {
    const { id, method, handedOver, taken, request, bytes } = this;
    const encoded = request === undefined ? undefined : encodeMessage(new Writer(), method.input, request);
    return { id, method: method.name, request: encoded, bytes, handedOver: handedOver?.state(), taken };
  }
}

/**
 * The calls of one session: starts them in order, ends them by answer, cancellation or the end of the session, and gives back items whose
 * handover was not acknowledged.
 */
export class SessionCalls implements Stateful {
  /** Waiting calls, and answered calls whose handover is unacknowledged. */
  readonly #open = new Map<number, SessionCall>();
  #ended = false;

  constructor(
    /** Its `use` counts the calls that wait. */
    private readonly engine: Pick<Engine, 'turn'> & { readonly use?: Use },
    readonly session: Caller,
    readonly outcomes: Outcomes,
    /** If true, a read of an unknown name fails instead of making the object; set for unary calls. */
    readonly readOnly = false,
  ) {}

  /** Number of waiting calls. */
  waiting = 0;

  /** Returns true if the call waits or its answer is unacknowledged. */
  has(id: number): boolean {
    return this.#open.has(id);
  }

  state() {
    const { session, readOnly } = this;
    return { session: sessionState(session), readOnly, open: Array.from(this.#open.values(), (call) => call.state()) };
  }

  /** Restores the session, which holds nothing yet, and its open calls. The engine has to restore the rest. */
  restore({ session, open }: StateOf<SessionCalls>, restoring: Restoring): void {
    restoring.addSession(this.session, session.holds);
    for (const state of open) {
      const method = found(methodNamed(state.method), state.method);
      const call = new SessionCall(this.session, this.readOnly, state.id, method);
      call.taken = state.taken;
      this.#open.set(call.id, call);
      restoring.addCall(call);
      if (state.request === undefined) {
        restoring.answered.push({ call, handedOver: state.handedOver });
      } else {
        const request = decodeMessage(method.input, state.request);
        restoring.waiting.push({ context: call, request, wait: (answer) => this.#wait(call, request, state.bytes, answer) });
      }
    }
  }

  /**
   * Starts a call, whose handler is a turn of its own if none is under way.
   * @param opening the `Open` that goes before it, in the same turn
   * @param bytes size of the request, which counts while the call waits
   */
  start(id: number, route: Route, request: unknown, opening?: OpenBefore, bytes = 0): void {
    const { rights } = this.session;
    const call = new SessionCall(this.session, this.readOnly, id, route.method);
    let result: unknown;
    try {
      if (rights !== undefined) {
        assertAllowed(rights, route.method, request);
        if (opening !== undefined) assertAllowed(rights, opening.method, opening.request);
      }
      result = opening ? this.engine.turn(() => open(opening, call, route, request)) : route.handler(request, call);
    } catch (error) {
      this.outcomes.fail(id, asManagerError(error));
      return;
    }
    if (isThenable(result)) this.#beginWait(call, request, bytes, result);
    else this.#answer(id, call, route.method, result);
  }

  /** Lets a call wait that was just started. Above the limit it is cancelled at once: before, it was not known whether it has to wait. */
  #beginWait(call: SessionCall, request: unknown, bytes: number, result: PromiseLike<unknown>): void {
    const mayRefuse = (call.method.blocking || call.delayed) && call.cancel;
    const refusal = mayRefuse ? (this.outcomes.refuseWait?.() ?? this.engine.use?.refuseWait()) : undefined;
    this.#wait(call, request, bytes, result);
    if (refusal) this.engine.turn(() => call.cancel!(refusal));
  }

  #wait(call: SessionCall, request: unknown, bytes: number, result: PromiseLike<unknown>): void {
    const { id, method } = call;
    call.request = request;
    call.bytes = bytes;
    this.#open.set(id, call);
    this.#count(call, 1);
    result.then(
      (response) => {
        this.#count(call, -1);
        if (this.#ended) return;
        this.#open.delete(id);
        call.request = undefined;
        call.bytes = 0;
        this.#answer(id, call, method, response);
      },
      (error: unknown) => {
        this.#count(call, -1);
        if (this.#ended) return;
        this.#open.delete(id);
        this.outcomes.fail(id, asManagerError(error));
      },
    );
  }

  /** Counts a call that begins to wait, by 1, or that has waited, by -1. */
  #count({ bytes }: SessionCall, by: 1 | -1): void {
    this.waiting += by;
    const { use } = this.engine;
    if (use === undefined) return;
    use.waiting += by;
    use.memory += by * (OVERHEAD.call + bytes);
  }

  #answer(id: number, call: SessionCall, method: Method, response: unknown): void {
    if (call.handedOver) this.#open.set(id, call);
    this.outcomes.answer(id, method, response);
  }

  /** Handles the client's cancel: a waiting call fails with CancelledError; an answered one gives back what it took. */
  cancel(id: number): void {
    const call = this.#open.get(id);
    if (call === undefined) return;
    this.engine.turn(() => {
      if (call.cancel) {
        call.cancel(new CancelledError('cancelled by the caller'));
      } else if (call.handedOver) {
        this.#open.delete(id);
        call.handedOver.giveBack(call.taken, false);
        // The wait may be over and its answer due at the end of the turn: then #answer must not record the handover again.
        call.handedOver = undefined;
      }
    });
  }

  /** Handles the client's acknowledgement of a handover: of all, or of the first `count` items. */
  acknowledge(id: number, count: number | undefined): void {
    const call = this.#open.get(id);
    if (!call?.handedOver || call.cancel) return;
    if (count !== undefined) {
      call.taken = Math.max(call.taken, count);
      return;
    }
    this.#open.delete(id);
    const { handedOver } = call;
    if (handedOver.settled) this.engine.turn(() => handedOver.settled!());
  }

  /** Fails all waiting calls. */
  failWaiting(reason: Error): void {
    this.engine.turn(() => {
      for (const call of [...this.#open.values()]) call.cancel?.(reason);
    });
  }

  /**
   * Ends the session in one turn: fails the waiting calls, gives back unacknowledged items, and abandons everything that the session holds.
   * Holds of unary calls end with their leases instead.
   */
  end(): void {
    this.#ended = true;
    // Newest first, so that items return to the head in their old order.
    const calls = [...this.#open.values()].reverse();
    this.#open.clear();
    this.engine.turn(() => {
      for (const call of calls) call.cancel?.(new SessionExpiredError('the session ended'));
      for (const call of calls) call.handedOver?.giveBack(call.taken, true);
      if (this.session.id !== '') abandonAll(this.session);
    });
  }
}

/** An `Open` that goes before a call. */
interface OpenBefore extends Route {
  readonly request: unknown;
}

function open(opening: OpenBefore, call: SessionCall, { handler }: Route, request: unknown): unknown {
  call.opening = { forwarded: undefined };
  const opened = opening.handler(opening.request, call);
  return isThenable(opened) ? opened.then(() => handler(request, call)) : handler(request, call);
}

/** Returns the routes by method index, which is how frames name methods. */
export function routesOf(engine: Engine, methods: readonly Method[]): Route[] {
  return methods.map((method) => ({ method, handler: engine.handler(method) ?? refuse(method) }));
}

function refuse(method: Method): Handler {
  return () => {
    throw new UnimplementedError(`this manager does not offer ${method.name}`, { method: method.name });
  };
}

/** Converts any thrown value to an error of the contract. */
export function asManagerError(error: unknown): ManagerError {
  if (error instanceof ManagerError) return error;
  if (error instanceof MalformedError) return new InvalidArgumentError(`malformed request: ${error.message}`);
  return new ManagerError(`a defect in the manager: ${error instanceof Error ? error.message : String(error)}`, {
    cause: error,
    mayHaveExecuted: true,
  });
}
