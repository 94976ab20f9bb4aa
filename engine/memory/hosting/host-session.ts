import type { CallContext, Caller, HandedOver, SessionResource } from '../../../proto/contract.js';
import { CancelledError, NotFoundError, PayloadTooLargeError } from '../../../proto/errors.js';
import type { HomeAnswer, HomeEvent, HomeNotice, HomeServiceNextResponse } from '../../../proto/gen/commonhold/v1/home_wire.js';
import { ManagerService, type ObjectHome, type ObjectInfo } from '../../../proto/gen/commonhold/v1/manager_wire.js';
import type { Method } from '../../../proto/wire/codec.js';
import { encodeMessage } from '../../../proto/wire/message.js';
import { Writer } from '../../../proto/wire/writer.js';
import type { State, Stateful, StateOf } from '../../../proto/state.js';
import type { Restoring } from '../../core/restoring.js';
import { found } from '../../core/state.js';
import { Session } from '../../core/session.js';
import { timerState, type ClockTimer } from '../../core/clock.js';
import { Callers, describeCaller } from './callers.js';
import { ForwardedCall } from './forwarded-call.js';
import { Tombstones } from './tombstones.js';
import { endedObject, type ForwardedObject, type HomeLink } from './forwarded-object.js';
import type { Keyspace } from '../lifetime/keyspace.js';
import { HostOutbox } from './outbox.js';
import type { Future } from '../../core/future.js';
import type { EngineLimits } from '../../core/limits.js';
import type { System } from '../../core/system.js';

/** Bytes of a forwarded call reserved for everything beside its request. */
const ENVELOPE_BYTES = 4096;
/** Timeout of the manager's own calls to a home, in milliseconds. A home that hangs must not hide all other objects. */
const ANSWER_MS = 1_000;

interface PendingCall {
  readonly call: ForwardedCall;
  readonly object: ForwardedObject | undefined;
}

/** Something that the home handed over in its answer. */
export interface HomeHandedOver extends HandedOver {
  state(): { readonly handed: 'home'; readonly home: string; readonly ended: boolean; readonly id: number };
}

/** A session whose process is the home of objects, with the calls that it has not answered. */
export class HostSession implements HomeLink, SessionResource, Stateful {
  readonly objects = new Set<ForwardedObject>();
  readonly about: ObjectHome;
  /** Objects destroyed lately. The home still has their histories, which watchers may not have received completely. */
  readonly tombstones: Tombstones;
  /** Unanswered calls, in the order in which they were made. */
  readonly #pending = new Map<number, PendingCall>();
  readonly #outbox: HostOutbox;
  readonly #callers: Callers;
  /** Responses of this turn whose hand-over is undone, with the sessions that got them. */
  #returns: { readonly id: number; readonly session: Caller }[] = [];
  #lastId = 0;
  #ended = false;

  constructor(
    readonly session: Caller,
    private readonly system: System,
    readonly limits: Readonly<EngineLimits>,
    /** Called when the session ends. */
    readonly abandoned: (home: HostSession) => void,
  ) {
    const { id, host, pid, label } = session;
    this.about = { sessionId: id, host, pid, label };
    this.tombstones = new Tombstones(system.clock);
    this.#outbox = new HostOutbox(system.clock);
    this.#callers = new Callers(
      id,
      (caller) => this.#tell({ caller }),
      (number, session) => this.#sessionEnded(number, session),
    );
  }

  abandon(): void {
    this.abandoned(this);
  }

  identity(): State {
    return 'home';
  }

  state() {
    return {
      objects: Array.from(this.objects, ({ name }) => name),
      pending: Array.from(this.#pending, ([id, pending]) => [id, pendingState(pending)] as const),
      lastId: this.#lastId,
      outbox: this.#outbox.state(),
      callers: this.#callers.state(),
      tombstones: this.tombstones.state(),
    };
  }

  /** True while the manager itself waits for an answer of the home. */
  get asked(): boolean {
    return [...this.#pending.values()].some(({ call }) => call.context instanceof Question);
  }

  /** Restores it once the objects in it are there. */
  restore(state: StateOf<HostSession>, restoring: Restoring, keyspace: Keyspace): void {
    const held = (name: string): ForwardedObject => found(keyspace.get(name), name) as ForwardedObject;
    const ended = (name: string, kind: string): ForwardedObject => endedObject(name, kind, this, keyspace);
    for (const name of state.objects) this.objects.add(held(name));
    for (const [id, { call: waiting, object, ended: gone }] of state.pending) {
      const call = ForwardedCall.restored(waiting, restoring);
      this.#wait(id, call, object === undefined ? undefined : gone === true ? ended(object, '') : held(object));
      restoring.answers(call.context, call.outcome);
    }
    this.#lastId = state.lastId;
    this.#callers.restore(state.callers, restoring);
    this.#outbox.restore(state.outbox, restoring, (id) => this.#pending.get(id)?.call);
    this.tombstones.restore(state.tombstones, restoring, ended);
  }

  forward(call: ForwardedCall, object?: ForwardedObject): Future<unknown> {
    const { method, request, open, context } = call;
    const bytes = request.length + (open?.length ?? 0);
    const { maxMessageBytes } = this.limits;
    if (bytes + ENVELOPE_BYTES > maxMessageBytes) {
      throw new PayloadTooLargeError(
        `a request of ${bytes} bytes, which is forwarded in a message with ${ENVELOPE_BYTES} more: messages have ${maxMessageBytes} at most (--max-payload)`,
        { object: object?.name, method: method.name },
      );
    }
    const id = ++this.#lastId;
    const { session, readOnly } = context;
    const who = session.id === '' ? { caller: 0, unary: describeCaller(0, session) } : { caller: this.#callers.numberOf(session) };
    this.#sendReturns();
    this.#outbox.addCall({ call: { id, method: method.name, request, open, readOnly, ...who } }, call);
    this.#wait(id, call, object);
    return call.outcome;
  }

  #wait(id: number, call: ForwardedCall, object: ForwardedObject | undefined): void {
    this.#pending.set(id, { call, object });
    if (object !== undefined) object.calls++;
    call.context.cancel = (reason) => this.#cancel(id, call, reason);
  }

  #cancel(id: number, call: ForwardedCall, reason: Error): void {
    call.cancelled ??= reason;
    const byCaller = reason instanceof CancelledError;
    // If the session of the call ended, the home hears of that, and gives up the call if it still waits there. The home completes other
    // calls of that session, so they are not cancelled here.
    if (byCaller || call.context.session.id === '') {
      if (call.sent) this.#tell({ cancel: id });
      else this.#outbox.drop(call);
    }
    // The home has the last word on a call that its caller cancels. If the caller's session ended, there is no one to wait for it.
    if (call.sent && byCaller) return;
    this.#remove(id);
    call.fail(reason);
  }

  #remove(id: number): ForwardedCall | undefined {
    const pending = this.#pending.get(id);
    if (pending === undefined) return undefined;
    this.#pending.delete(id);
    if (pending.object !== undefined) pending.object.calls--;
    return pending.call;
  }

  /** Returns the events for the home, or waits for some. */
  next(context: CallContext): HomeServiceNextResponse | Future<HomeServiceNextResponse> {
    return this.#outbox.next(context);
  }

  answer(answer: HomeAnswer): void {
    const { id } = answer;
    const call = this.#remove(id);
    call?.answered(answer, this.handedOver(id, call.context.session));
  }

  /** Returns what the answer of a call handed over. */
  handedOver(id: number, session: Caller): HomeHandedOver {
    return {
      giveBack: (count) => this.#giveBack(id, count, session),
      settled: () => this.#tell({ taken: { id } }),
      state: () => ({ handed: 'home', home: this.session.id, ended: this.#ended, id }),
    };
  }

  #giveBack(id: number, count: number, session: Caller): void {
    this.#outbox.add({ taken: { id, count } });
    this.#returns.push({ id, session });
    if (this.#returns.length === 1) this.system.clock.defer(() => this.#sendReturns());
  }

  #sendReturns(): void {
    for (const { id } of this.#returns.splice(0)) this.#outbox.add({ cancel: id });
  }

  /**
   * Tells the home that a session ended, so that it undoes all the session's hand-overs in one step. Undone one by one, an item could go to
   * another waiting call of the same session.
   */
  #sessionEnded(ended: number, session: Caller): void {
    this.#returns = this.#returns.filter((each) => each.session !== session);
    this.#tell({ ended });
  }

  #tell(event: HomeEvent): void {
    if (this.#ended) return;
    this.#sendReturns();
    this.#outbox.add(event);
  }

  notify({ caller, notice: { lostToken, warning } }: HomeNotice): void {
    const session = this.#callers.get(caller);
    if (lostToken !== undefined) session?.lost(lostToken);
    if (warning !== undefined) session?.warn(warning);
  }

  destroyed(object: ForwardedObject): void {
    // An object that the home itself withdrew is not in the set any more.
    if (!this.objects.delete(object)) return;
    this.#tell({ destroyed: object.name });
    this.tombstones.set(object);
  }

  describe({ name }: ForwardedObject): Future<ObjectInfo | undefined> {
    return this.ask(ManagerService.methods.describe, { name }).then((answer) => answer?.object);
  }

  /** Makes a call of the manager itself. Returns undefined if the home does not answer in time, or answers with an error. */
  ask<I, O>(method: Method<I, O>, request: I): Future<O | undefined> {
    const { clock } = this.system;
    const context = new Question();
    const call = new ForwardedCall(clock, method, encodeMessage(new Writer(), method.input, request), undefined, context);
    const late = new NotFoundError('the home did not answer in time');
    const timer = (context.timer = clock.after(ANSWER_MS, () => context.cancel?.(late)));
    return this.forward(call).then(
      (answer) => {
        timer.stop();
        return answer as O;
      },
      () => {
        timer.stop();
        return undefined;
      },
    );
  }

  /** Ends the home. Returns the calls that it has not answered, in their order. */
  end(): readonly PendingCall[] {
    this.#ended = true;
    this.tombstones.clear();
    this.#outbox.end();
    this.#callers.clear();
    const unanswered = [...this.#pending.values()];
    for (const id of this.#pending.keys()) this.#remove(id);
    return unanswered;
  }
}

/** Leaves out the answers that a description of several homes has got so far. */
function pendingState({ call, object }: PendingCall) {
  const timer = call.context instanceof Question ? timerState(call.context.timer) : undefined;
  return { call: call.state(), object: object?.name, ended: object?.links.ended, timer };
}

/** The context of a call that the manager itself makes. */
class Question implements CallContext {
  readonly session = new Session('', { label: 'the manager' });
  readonly readOnly = true;
  /** Ends the wait for the answer. */
  timer: ClockTimer | undefined;
  cancel: ((reason: Error) => void) | undefined;

  handOver(): void {}
}
