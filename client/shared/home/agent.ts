import type { RebuildCall } from '../../../engine/core/calls.js';
import { Session } from '../../../engine/core/session.js';
import type { CallContext, Engine } from '../../../proto/contract.js';
import { ClosedError, type ManagerError } from '../../../proto/errors.js';
import { HomeService, type HomeEvent, type HomeRequest } from '../../../proto/gen/commonhold/v1/home_wire.js';
import { ManagerService } from '../../../proto/gen/commonhold/v1/manager_wire.js';
import type { Method } from '../../../proto/wire/codec.js';
import { encodeMessage } from '../../../proto/wire/message.js';
import { Writer } from '../../../proto/wire/writer.js';
import { nothing, type OpenCall, type OpenRequest } from '../../objects/object-proxy.js';
import type { Transport } from '../../connect/transport/transport.js';
import { Answers } from './answers.js';
import { RemoteSessions } from './remote-sessions.js';

/** Builds a typed call that rebuilds an object or a part of it. */
export function step<I>(method: Method<I>, request: I): RebuildCall {
  return { method, request };
}

/** Events of objects of this process that its own calls have not caused. */
export interface HomeEvents {
  /** The object was destroyed by a call of another process, or expired. The engine has destroyed it already. */
  destroyed?(name: string): void;
  /**
   * Other processes can no longer reach the object here: the session was lost, and the manager did not accept its offer in the next one,
   * because the manager continues with the backup, or is unavailable. The object in the engine is unchanged.
   */
  cutOff?(name: string, reason: ManagerError): void;
}

/** None of these calls keeps the program alive. */
const BACKGROUND = { background: true } as const;

/**
 * Makes objects of an engine in this process available to all clients of a manager: offers them to the manager, executes the calls of other
 * clients, and answers them. Waiting calls do not block others. After a loss of the session, the holds of other clients are released, and
 * the objects are offered again in the next session.
 */
export class HomeAgent implements AsyncDisposable {
  readonly #offered = new Map<string, OpenCall<OpenRequest>>();
  readonly #writer = new Writer();
  /** The session that creates and destroys objects for this side. */
  readonly #self = new Session('home', { pid: process.pid, label: 'home' });
  readonly #answers: Answers;
  readonly #remoteSessions: RemoteSessions;
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;

  constructor(
    /** The session with the manager, which the agent does not close. */
    readonly transport: Transport,
    readonly engine: Engine,
    readonly events: HomeEvents = {},
  ) {
    this.#answers = new Answers(
      (request) => transport.call(HomeService.methods.answer, request, nothing, BACKGROUND),
      (id) => this.#remoteSessions.cancel(id),
    );
    this.#remoteSessions = new RemoteSessions(engine, this.#answers);
  }

  /**
   * Creates an object in the engine, if it does not exist, and offers it to other clients. Offering it again changes nothing.
   * @throws OptionsConflictError if the manager, or another session, has an object of that name; AlreadyExistsError if it must be new but
   * exists; KindMismatchError if it has another kind
   */
  async offer<R extends OpenRequest>(opener: OpenCall<R>): Promise<void> {
    this.#stop.signal.throwIfAborted();
    const { method, request } = opener;
    // The manager handles the other fields of the request.
    const { created } = (await this.#run(method, { ...request, exclusive: false, ttlMs: undefined })) as { created: boolean };
    try {
      await this.#announce(opener);
    } catch (error) {
      if (created) await this.#destroy(request.name);
      throw error;
    }
    this.#running ??= this.#serve();
  }

  /** Tells the manager that an object was destroyed in the engine. Returns true if the manager had it as an object of this home. */
  async withdraw(name: string): Promise<boolean> {
    this.#offered.delete(name);
    this.#answers.flush();
    return this.transport.call(HomeService.methods.withdraw, { name }, ({ withdrawn }) => withdrawn, BACKGROUND);
  }

  /**
   * Stores a backup of an object with the manager: the calls that rebuild its current state, which the manager makes when this process
   * ends. Answers of remote calls are flushed first: the engine must execute and answer each remote call within one turn, or a call may be
   * executed twice after a failover.
   * @throws NotFoundError if the object is not offered here
   */
  async backUp(name: string, steps: readonly RebuildCall[]): Promise<void> {
    const calls = steps.map((step) => this.#asData(step));
    this.#answers.flush();
    await this.transport.call(HomeService.methods.backup, { name, calls }, nothing, BACKGROUND);
  }

  /**
   * Leaves: the manager continues with the backups, or ends the objects for other clients, as if this process had ended. Waiting calls of
   * other clients are cancelled. The objects in the engine are unchanged.
   */
  async close(): Promise<void> {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort(new ClosedError('this home was closed by its program'));
    this.#answers.flush();
    if (this.#running !== undefined && this.transport.connected) {
      await this.transport.call(HomeService.methods.leave, {}, nothing, BACKGROUND).catch(() => {});
    }
    this.#offered.clear();
    await this.#running;
    this.#remoteSessions.end();
    this.engine.turn(() => this.#self.end());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #announce(opener: OpenCall<OpenRequest>): Promise<void> {
    const { method, request } = opener;
    const kept = { method, request: { ...request, exclusive: false } };
    // Recorded as soon as the answer is read, because the next message may be a call of the object, or its end.
    const keep = (): void => void this.#offered.set(request.name, kept);
    await this.transport.call(HomeService.methods.offer, { open: this.#asData(opener) }, keep, BACKGROUND);
  }

  /** Handles the events for this home, across sessions, until it is closed or the manager is unavailable. */
  async #serve(): Promise<void> {
    const { signal } = this.#stop;
    for (let serving = true; serving && !signal.aborted;) {
      try {
        await this.transport.call(HomeService.methods.next, {}, ({ events }) => this.#work(events), { ...BACKGROUND, signal });
      } catch (error) {
        if (!signal.aborted) await this.#lost(error as ManagerError);
        serving = this.#offered.size > 0;
      }
    }
    this.#running = undefined;
  }

  #work(events: readonly HomeEvent[]): void {
    this.engine.turn(() => {
      for (const event of events) this.#workOn(event);
    });
  }

  #workOn({ call, cancel, taken, caller, ended, destroyed }: HomeEvent): void {
    if (call !== undefined) this.#remoteSessions.call(call);
    else if (taken !== undefined) this.#remoteSessions.taken(taken);
    else if (cancel !== undefined) this.#remoteSessions.cancel(cancel);
    else if (caller !== undefined) this.#remoteSessions.came(caller);
    else if (ended !== undefined) this.#remoteSessions.sessionEnded(ended);
    else if (destroyed !== undefined) void this.#destroyed(destroyed);
  }

  async #destroyed(name: string): Promise<void> {
    this.#offered.delete(name);
    await this.#destroy(name);
    this.events.destroyed?.(name);
  }

  /** Ends all remote sessions and calls after a loss of the session, and offers the objects again in the next one. */
  async #lost(reason: ManagerError): Promise<void> {
    this.#remoteSessions.end();
    this.#answers.clear();
    for (const [name, opener] of [...this.#offered]) {
      try {
        if (reason instanceof ClosedError) throw reason;
        await this.#announce(opener);
      } catch (error) {
        this.#offered.delete(name);
        this.events.cutOff?.(name, error as ManagerError);
      }
    }
  }

  #destroy(name: string): unknown {
    return this.#run(ManagerService.methods.destroy, { name, kind: '' });
  }

  /** Calls the engine on behalf of this side. */
  async #run<I>(method: Method<I>, request: I): Promise<unknown> {
    const context: CallContext = { session: this.#self, readOnly: false, cancel: undefined, handOver() {} };
    return this.engine.handler(method)?.(request, context);
  }

  #asData({ method, request }: RebuildCall): HomeRequest {
    return { method: method.name, request: encodeMessage(this.#writer, method.input, request) };
  }
}
