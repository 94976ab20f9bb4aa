import { asManagerError, routesOf, SessionCalls, type Outcomes, type Route } from '../../../engine/core/calls.js';
import { Session } from '../../../engine/core/session.js';
import type { Engine } from '../../../proto/contract.js';
import { UnimplementedError, type ManagerError } from '../../../proto/errors.js';
import type { HomeCall, HomeCaller, HomeTaken } from '../../../proto/gen/commonhold/v1/home_wire.js';
import { methods, openerOf } from '../../../proto/methods.js';
import type { Method } from '../../../proto/wire/codec.js';
import { decodeMessage } from '../../../proto/wire/message.js';
import type { Answers } from './answers.js';

/** The remote clients that call objects of this process: the calls of each, in a session of the engine. */
export class RemoteSessions implements Outcomes {
  readonly #routes: ReadonlyMap<string, Route>;
  readonly #remoteSessions = new Map<number, SessionCalls>();
  /** The session of each call that waits, or whose handed-over items are not acknowledged, by call id. */
  readonly #open = new Map<number, SessionCalls>();

  constructor(
    private readonly engine: Engine,
    readonly answers: Answers,
  ) {
    this.#routes = new Map(routesOf(engine, methods).map((route) => [route.method.name, route]));
  }

  /** Registers a client before its calls. */
  came({ number, ...about }: HomeCaller): void {
    const session = new Session(
      about.sessionId,
      about,
      (lostToken) => this.answers.notify(number, { lostToken }),
      (warning) => this.answers.notify(number, { warning }),
    );
    this.#remoteSessions.set(number, new SessionCalls(this.engine, session, this));
  }

  call(call: HomeCall): void {
    const { id } = call;
    try {
      const route = this.#route(call.method);
      const calls = this.#callsOf(call);
      const request = decodeMessage(route.method.input, call.request);
      calls.start(id, route, request, call.open && this.#opening(route.method, call.open));
      if (calls.has(id)) this.#open.set(id, calls);
    } catch (error) {
      this.fail(id, asManagerError(error));
    }
  }

  #route(name: string): Route {
    const route = this.#routes.get(name);
    if (route === undefined) throw new UnimplementedError(`the home of the object does not know ${name}`, { method: name });
    return route;
  }

  #callsOf({ caller, unary, readOnly }: HomeCall): SessionCalls {
    return this.#remoteSessions.get(caller) ?? new SessionCalls(this.engine, new Session('', unary), this, readOnly);
  }

  #opening(method: Method, open: Uint8Array): Route & { readonly request: unknown } {
    const opener = openerOf(method)!;
    return { ...this.#route(opener.name), request: decodeMessage(opener.input, open) };
  }

  answer(id: number, method: Method, response: unknown): void {
    this.#forgetIfDone(id);
    this.answers.succeed(id, method, response);
  }

  fail(id: number, error: ManagerError): void {
    this.#forgetIfDone(id);
    this.answers.fail(id, error);
  }

  /** Cancels a call, or returns the items that its answer handed over. */
  cancel(id: number): void {
    this.#open.get(id)?.cancel(id);
    this.#forgetIfDone(id);
  }

  taken({ id, count }: HomeTaken): void {
    this.#open.get(id)?.acknowledge(id, count);
    this.#forgetIfDone(id);
  }

  /** Ends the session of a client, which releases its holds. */
  sessionEnded(number: number): void {
    const ended = this.#remoteSessions.get(number);
    if (ended === undefined) return;
    this.#remoteSessions.delete(number);
    ended.end();
    for (const [id, calls] of this.#open) if (calls === ended) this.#open.delete(id);
  }

  /** Ends the sessions and calls of all clients. */
  end(): void {
    for (const number of [...this.#remoteSessions.keys()]) this.sessionEnded(number);
    // The remaining calls are unary.
    for (const calls of new Set(this.#open.values())) calls.end();
    this.#open.clear();
  }

  #forgetIfDone(id: number): void {
    if (this.#open.get(id)?.has(id) === false) this.#open.delete(id);
  }
}
