import { ManagerUnavailableError, type ManagerError } from '../../proto/errors.js';
import { methods } from '../../proto/methods.js';
import type { CallerRights } from '../../proto/contract.js';
import type { State, Stateful, StateOf } from '../../proto/state.js';
import type { Method } from '../../proto/wire/codec.js';
import { asManagerError, routesOf, type Route } from '../core/calls.js';
import { Clock } from '../core/clock.js';
import { Restoring, type InstanceOf } from '../core/restoring.js';
import type { TokenRights } from '../core/rights.js';
import type { Steps } from '../core/steps.js';
import type { CodeOutcome, System, UserCode, WrittenOutcome } from '../core/system.js';
import { createMemoryEngine, type Host, type MemoryEngine } from '../memory/index.js';
import { describedTypes, describeTypes, PresentTypes, type DescribedType } from '../described-types.js';
import type { Types } from '../types.js';
import type { MachineContext, Recorder } from './context.js';
import type { ClientIdentity, MachineInput, MachineLimits, UnaryRequest } from './inputs.js';
import { leavesNothing, onlyReads } from './read-only.js';
import { Requests } from './requests.js';
import { MachineSession, type SessionDriver } from './session.js';
import type { Surroundings } from './surroundings.js';
import { TokenTable } from './token-table.js';
import { UnaryCall, type UnaryDone } from './unary.js';

/** The outcome of divided work, whose result is no part of the machine. */
const WORKED: WrittenOutcome = {};

/**
 * The state machine of a manager: its engine, its sessions with their calls, and its unary calls. It changes by its inputs only, each of which
 * is a turn. A machine that is given the turns of another one goes through the same states, and writes the same frames.
 */
export class Machine implements MachineContext, Stateful {
  readonly engine: MemoryEngine;
  readonly routes: readonly Route[];
  readonly clock: Clock;
  readonly limits: MachineLimits;
  /** By number. */
  readonly sessions = new Map<number, MachineSession>();
  /** Unary calls that are executed, by number. */
  readonly unaryCalls = new Map<number, UnaryCall>();
  callsTotal = 0;
  draining: ManagerUnavailableError | undefined;
  /** The error for calls that change something, if the machine only reads. */
  #readOnly: ManagerError | undefined;
  readonly #tokens = new TokenTable();
  readonly #requests: Requests;
  readonly #types: PresentTypes;
  #lastSession = 0;
  #lastUnary = 0;
  #lastRun = 0;
  /** Everything that the turn under way read from the surroundings, while turns are recorded. */
  #observed: State[] = [];
  /** Inputs that came during a turn. */
  readonly #later: (() => void)[] = [];

  constructor(
    /** In force until an input says otherwise. */
    limits: Readonly<MachineLimits>,
    private surroundings: Surroundings,
    types: Types,
    public record: Recorder | undefined,
    /** True if the machine goes on after a restart of its manager. */
    durable = false,
  ) {
    this.limits = { ...limits };
    this.clock = new Clock({
      now: () => this.surroundings.time.now(),
      wallTime: () => this.surroundings.time.wallTime(),
      wake: (at, tick) => this.surroundings.time.wake(at, () => this.turn(tick, () => ({ type: 'tick' }))),
      defect: (error) => this.surroundings.time.defect(error),
    });
    this.#requests = new Requests(this.clock, (call) => this.unaryCalls.get(call)?.cancel());
    const host: Host = {
      limits: this.limits,
      durable,
      system: this.#system(),
      program: () => this.#observe(this.surroundings.program()),
      traffic: () => this.#observe(this.surroundings.traffic()),
      slowCalls: (before, most) => this.#observe(this.surroundings.slowCalls(before, most)),
      sessions: () => Array.from(this.sessions, ([number, session]) => [number, () => session.info()] as const),
    };
    this.#types = new PresentTypes(types);
    this.engine = createMemoryEngine(host, this.#types);
    this.routes = routesOf(this.engine, methods);
  }

  #system(): System {
    const { clock } = this;
    const userCode = this.#userCode();
    // As users' code: the end of the work is an input, and when it is applied again, nothing is done.
    const divide = (steps: Steps, completed: () => void): void => {
      const work = (): unknown => this.surroundings.divide!(steps);
      userCode.run(
        work,
        () => WORKED,
        (written) => {
          written();
          completed();
        },
      );
    };
    const divides = (): boolean => this.surroundings.divide !== undefined;
    return {
      clock,
      userCode,
      get divide() {
        return divides() ? divide : undefined;
      },
      uptimeMs: () => this.#observe(this.surroundings.uptimeMs()),
      memory: () => this.#observe(this.surroundings.memory()),
    };
  }

  #userCode(): UserCode {
    return {
      run: <W extends WrittenOutcome>(code: () => unknown, write: (outcome: CodeOutcome) => W, completed: (written: () => W) => void) => {
        const run = ++this.#lastRun;
        let outcome: W;
        const completedInTurn = (written: () => W): void =>
          this.turn(
            () => completed(() => (outcome = written())),
            () => ({ type: 'completed', run, outcome }),
          );
        return this.#observe(this.surroundings.userCode.run(code, write, completedInTurn));
      },
      runDetached: (code) => this.surroundings.userCode.runDetached(code),
    };
  }

  /** Goes on by itself, in other surroundings, after turns of another machine were applied to it. */
  goOn(surroundings: Surroundings, record: Recorder | undefined): void {
    this.surroundings = surroundings;
    this.record = record;
    this.clock.wakeAgain();
  }

  /**
   * As {@link goOn}, with users' code.
   * @param types the registered types from now on
   * @throws InvalidArgumentError if an instance cannot be restored: then nothing was recorded
   */
  goOnWith(types: Types, surroundings: Surroundings, record: Recorder): void {
    const described = describeTypes(types);
    const changed = !this.#types.matches(described);
    this.#become(types);
    const lost = this.engine.revive();
    this.goOn(surroundings, record);
    if (lost.length > 0) this.lose(lost);
    if (changed)
      this.turn(
        () => {},
        () => ({ type: 'typed', types: described }),
      );
  }

  #observe<T>(value: T): T {
    if (this.record !== undefined) this.#observed.push(value as State);
    return value;
  }

  /** An input that comes during a turn, because of what the turn sent, is taken after it. */
  turn(work: () => void, input: () => MachineInput, onlyRead = never): void {
    if (this.clock.inTurn) {
      this.#later.push(() => this.#take(work, input, onlyRead));
      return;
    }
    try {
      this.#take(work, input, onlyRead);
    } finally {
      while (this.#later.length > 0) this.#later.shift()!();
    }
  }

  #take(work: () => void, input: () => MachineInput, onlyRead: () => boolean): void {
    try {
      this.clock.turn(work);
    } finally {
      const read = onlyRead();
      if (this.record !== undefined) this.#recordTurn(this.record, input(), read);
    }
  }

  #recordTurn(record: Recorder, input: MachineInput, onlyRead: boolean): void {
    const observed = this.#observed;
    this.#observed = [];
    record.turn({ now: this.clock.now, input, observed }, onlyRead);
  }

  /** Opens a session. */
  open(id: string, client: ClientIdentity, driver: SessionDriver): MachineSession {
    const session = this.#session(++this.#lastSession, id, client, driver);
    this.turn(
      () => {
        this.sessions.set(session.number, session);
        session.authorize();
      },
      () => ({ type: 'opened', session: session.number, id, client }),
    );
    return session;
  }

  #session(number: number, id: string, client: ClientIdentity, driver: SessionDriver): MachineSession {
    return new MachineSession(this, number, id, client, driver, () => this.sessions.delete(number));
  }

  /** Starts a call without a session, and returns its number. */
  call(request: UnaryRequest, done: UnaryDone): number {
    const number = ++this.#lastUnary;
    this.turn(
      () =>
        this.#start(number, request, (answer) => {
          this.record?.done(number, answer);
          done(answer);
        }),
      () => ({ type: 'called', call: number, request }),
      () => request.id === undefined && !this.clock.changed && leavesNothing(this.routes[request.method]!.method),
    );
    return number;
  }

  #start(number: number, request: UnaryRequest, done: UnaryDone): void {
    let over: UnaryDone | undefined;
    try {
      over = this.#requests.take(number, request, done);
    } catch (error) {
      return done(asManagerError(error));
    }
    if (over === undefined) return;
    this.#unary(number, request, over).start(request.bytes);
  }

  #unary(number: number, request: Omit<UnaryRequest, 'bytes'>, over: UnaryDone): UnaryCall {
    const call = new UnaryCall(this, number, request, (answer) => {
      this.unaryCalls.delete(number);
      over(answer);
    });
    this.unaryCalls.set(number, call);
    return call;
  }

  /** Cancels a call without a session. Does nothing if it is over. */
  cancel(number: number): void {
    this.turn(
      () => {
        if (!this.#requests.leave(number)) this.unaryCalls.get(number)?.cancel();
      },
      () => ({ type: 'cancelled', call: number }),
    );
  }

  /** Cancels all calls without a session, since their callers are gone. Requests with an id go on, for a caller that comes back. */
  abandonCalls(): void {
    for (const number of [...this.#requests.callers(), ...this.unaryCalls.keys()]) this.cancel(number);
  }

  /** Number of answers that are kept for callers of requests with an id. */
  get keptAnswers(): number {
    return this.#requests.answers;
  }

  state() {
    return {
      limits: { ...this.limits },
      types: describeTypes(this.#types).map((type) => ({ ...type })),
      engine: this.engine.state(),
      sessions: Array.from(this.sessions.values(), (session) => session.state()),
      unaryCalls: Array.from(this.unaryCalls, ([number, call]) => [number, call.state()] as const),
      requests: this.#requests.state(),
      numbers: [this.#lastSession, this.#lastUnary, this.#lastRun, this.callsTotal] as const,
      draining: this.draining?.message,
      tokens: this.#tokens.state(),
    };
  }

  /**
   * Restores the state of another machine in one that was not used yet, whose clock has reached the time of that state.
   * @param driverOf returns the driver of a session
   * @param instanceOf returns the instance of a registered type that an object has
   * @throws Error if the state is damaged: then the machine is of no use
   */
  restore(state: StateOf<Machine>, driverOf: (session: number) => SessionDriver, instanceOf?: InstanceOf): void {
    const restoring = new Restoring(this.clock, instanceOf);
    Object.assign(this.limits, state.limits);
    if (!this.#types.matches(state.types)) this.#types.become(describedTypes(state.types));
    [this.#lastSession, this.#lastUnary, this.#lastRun, this.callsTotal] = state.numbers;
    if (state.draining !== undefined) this.draining = new ManagerUnavailableError(state.draining);
    for (const session of state.sessions) {
      const { id, host, pid, label } = session.calls.session;
      const { number, lease, token } = session;
      const restored = this.#session(number, id, { host, pid, label, lease, token }, driverOf(number));
      restored.restore(session, restoring);
      this.sessions.set(number, restored);
    }
    for (const [number, call] of state.unaryCalls) this.#restoreUnary(number, call, restoring);
    restoring.afterCalls(() => this.#requests.restore(state.requests, restoring, (call, answer) => this.record?.done(call, answer)));
    this.engine.restore(state.engine, restoring);
    // Last: calls that wait have begun under the rights of their time.
    // A state that was written before there were tokens with names has none.
    this.#grant((state as Partial<StateOf<Machine>>).tokens ?? []);
  }

  /** The caller is not there any more. */
  #restoreUnary(number: number, state: StateOf<UnaryCall>, restoring: Restoring): void {
    const over: UnaryDone =
      state.id === undefined ? (answer) => this.record?.done(number, answer) : this.#requests.receiverOf(state, number);
    this.#unary(number, state, over).restore(state, restoring);
  }

  /**
   * Ends a machine of which nothing more is kept: calls that wait fail, and start no code of users any more; instances of registered types are
   * disposed of. Not an input.
   */
  end(): void {
    this.record = undefined;
    this.engine.close();
  }

  /**
   * Refuses all changes from now on: the turns of this machine are not recorded any more. Its sessions end, since their clients cannot go
   * on with them. Not an input.
   */
  readOnly(refusal: ManagerError): void {
    for (const session of [...this.sessions.values()]) session.end();
    this.abandonCalls();
    this.#readOnly = refusal;
    this.engine.readOnly(refusal);
  }

  refusalOf(method: Method): ManagerError | undefined {
    return this.draining ?? (this.#readOnly === undefined || onlyReads(method) ? undefined : this.#readOnly);
  }

  /** Sets other limits. Does nothing if they are in force. */
  limit(limits: Readonly<MachineLimits>): void {
    if (Object.entries(limits).every(([name, value]) => this.limits[name as keyof MachineLimits] === value)) return;
    this.turn(
      () => Object.assign(this.limits, limits),
      () => ({ type: 'limited', limits }),
    );
  }

  /** Gives tokens by name other rights. Calls that wait go on. Does nothing if the tokens have these rights. */
  authorize(tokens: readonly TokenRights[]): void {
    if (this.#tokens.matches(tokens)) return;
    this.turn(
      () => this.#grant(tokens),
      () => ({ type: 'authorized', tokens }),
    );
  }

  #grant(tokens: readonly TokenRights[]): void {
    this.#tokens.become(tokens);
    for (const session of this.sessions.values()) session.authorize();
    for (const call of this.unaryCalls.values()) call.authorize();
  }

  rightsOf(token: string | undefined): CallerRights | undefined {
    return this.#tokens.rightsOf(token);
  }

  /** Has other registered types, without their code. */
  retype(types: readonly DescribedType[]): void {
    this.turn(
      () => this.#become(describedTypes(types)),
      () => ({ type: 'typed', types }),
    );
  }

  #become(types: Types): void {
    this.#types.become(types);
    this.engine.retyped();
  }

  /** Ends objects of registered types, because their instances ended with the manager before. */
  lose(names: readonly string[]): void {
    this.turn(
      () => this.engine.lose(names),
      () => ({ type: 'lost', names }),
    );
  }

  /** The manager was started again. Tokens, revisions and names that it gave in turns which were lost are not given again. */
  restarted(wallTime: number): void {
    this.turn(
      () => this.engine.pass(wallTime),
      () => ({ type: 'restarted', wallTime }),
    );
  }

  /** Refuses new calls, and fails the waiting ones. */
  drain(reason: string): void {
    this.turn(
      () => {
        this.draining = new ManagerUnavailableError(reason);
        for (const session of this.sessions.values()) session.drain(this.draining);
        for (const call of this.unaryCalls.values()) call.failWaiting(this.draining);
      },
      () => ({ type: 'draining', reason }),
    );
  }
}

function never(): boolean {
  return false;
}
