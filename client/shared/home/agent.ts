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

/** A call that makes an object anew, or a part of it. */
export function step<I>(method: Method<I>, request: I): RebuildCall {
  return { method, request };
}

/** What happens to objects at home here without this side's doing. */
export interface HomeEvents {
  /** Someone destroyed it, or its time to live is over. In the engine it is destroyed already. */
  destroyed?(name: string): void;
  /**
   * Others can no longer reach it here: the session was lost, and the manager did not take the object's offer in
   * the next one, as it goes on with the backup, or is not there. In the engine it is as it was.
   */
  cutOff?(name: string, reason: ManagerError): void;
}

/** None of these calls keeps the program alive. */
const BACKGROUND = { background: true } as const;

/**
 * Lets all clients of a manager use objects of an engine in this process: offers them to the manager, runs what
 * others call on them, and answers. Calls that wait hold up nothing. Where the session is lost, what others hold
 * here is released, and the objects are offered again in the next session.
 */
export class HomeAgent implements AsyncDisposable {
  readonly #offered = new Map<string, OpenCall<OpenRequest>>();
  readonly #writer = new Writer();
  /** Who makes and destroys objects here. */
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
   * Makes an object in the engine, where there is none, and lets others use it. Offering again changes nothing.
   * @throws OptionsConflictError where the manager has one of that name, or it is at home in another session;
   * AlreadyExistsError where it must be new and is not; KindMismatchError where it is of another kind
   */
  async offer<R extends OpenRequest>(opener: OpenCall<R>): Promise<void> {
    this.#stop.signal.throwIfAborted();
    const { method, request } = opener;
    // The manager sees to the rest of the request.
    const { created } = (await this.#run(method, { ...request, exclusive: false, ttlMs: undefined })) as { created: boolean };
    try {
      await this.#announce(opener);
    } catch (error) {
      if (created) await this.#destroy(request.name);
      throw error;
    }
    this.#running ??= this.#serve();
  }

  /** Tells the manager that an object ended in the engine. Says whether it was at home here. */
  async withdraw(name: string): Promise<boolean> {
    this.#offered.delete(name);
    this.#answers.flush();
    return this.transport.call(HomeService.methods.withdraw, { name }, ({ withdrawn }) => withdrawn, BACKGROUND);
  }

  /**
   * Leaves with the manager the calls that make an object anew as it is now: with them the manager goes on when
   * this process ends. What others called is to be done and answered in the turn in which it is done, or it may
   * be done twice.
   * @throws NotFoundError where the object is not at home here
   */
  async backUp(name: string, steps: readonly RebuildCall[]): Promise<void> {
    const calls = steps.map((step) => this.#asData(step));
    this.#answers.flush();
    await this.transport.call(HomeService.methods.backup, { name, calls }, nothing, BACKGROUND);
  }

  /**
   * Leaves the objects to their backups, or ends them for others, as when this process ends. Those who wait here
   * wait no longer. In the engine the objects are as they were.
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
    this.#self.end();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #announce(opener: OpenCall<OpenRequest>): Promise<void> {
    const { method, request } = opener;
    const kept = { method, request: { ...request, exclusive: false } };
    // Kept as soon as the answer is read: what is read next may be a call of the object, or its end.
    const keep = (): void => void this.#offered.set(request.name, kept);
    await this.transport.call(HomeService.methods.offer, { open: this.#asData(opener) }, keep, BACKGROUND);
  }

  /** Does what comes for this home, over one session after the other, until it is closed or has no manager. */
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
    for (const { call, cancel, taken, caller, ended, destroyed } of events) {
      if (call !== undefined) this.#remoteSessions.call(call);
      else if (taken !== undefined) this.#remoteSessions.taken(taken);
      else if (cancel !== undefined) this.#remoteSessions.cancel(cancel);
      else if (caller !== undefined) this.#remoteSessions.came(caller);
      else if (ended !== undefined) this.#remoteSessions.left(ended);
      else if (destroyed !== undefined) void this.#destroyed(destroyed);
    }
  }

  async #destroyed(name: string): Promise<void> {
    this.#offered.delete(name);
    await this.#destroy(name);
    this.events.destroyed?.(name);
  }

  /** The session is over, and with it all calls and guests. */
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

  /** Makes a call of the engine on behalf of this side itself. */
  async #run<I>(method: Method<I>, request: I): Promise<unknown> {
    const context: CallContext = { session: this.#self, readOnly: false, cancel: undefined, handOver() {} };
    return this.engine.handler(method)?.(request, context);
  }

  #asData({ method, request }: RebuildCall): HomeRequest {
    return { method: method.name, request: encodeMessage(this.#writer, method.input, request) };
  }
}
