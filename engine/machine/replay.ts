import type { State, StateOf } from '../../proto/state.js';
import { MalformedError } from '../../proto/wire/values.js';
import type { InstanceOf } from '../core/restoring.js';
import type { CodeOutcome, WrittenOutcome } from '../core/system.js';
import type { Types } from '../types.js';
import type { MachineInput, MachineLimits, Turn } from './inputs.js';
import type { Recorder } from './context.js';
import type { Program, Traffic } from '../memory/index.js';
import type { SlowCall } from '../../proto/gen/commonhold/v1/manager_wire.js';
import { Machine } from './machine.js';
import type { MachineSession, SessionDriver } from './session.js';
import type { Surroundings } from './surroundings.js';

/** The time at which a machine was made. */
export interface Beginning {
  /** On the machine's clock. */
  readonly now: number;
  /** Milliseconds since 1970. */
  readonly wallTime: number;
}

/** A function of a user that is not over. */
interface RunningCode {
  readonly write: (outcome: CodeOutcome) => WrittenOutcome;
  readonly completed: (written: () => WrittenOutcome) => void;
}

/** In the place of work that was done the first time. */
function noWork(): never {
  throw new Error('a defect: a replay began to do work in steps');
}

/** A machine that is given the turns of another one. It goes through the same states, and sends the same. No code of users runs. */
export class Replay {
  readonly machine: Machine;
  #now: number;
  /** Everything that the turn under way has still to read from its surroundings. */
  #observed: State[] = [];
  /** Functions of users that are not over, by number. */
  readonly #running = new Map<number, RunningCode>();
  #lastRun = 0;
  /** Number of questions for room in the frame that is read, and of the one to answer with no. */
  #asked = 0;
  #stoppedAt: number | undefined;

  constructor(
    limits: Readonly<MachineLimits>,
    types: Types,
    { now, wallTime }: Beginning,
    record: Recorder,
    private readonly defect: (error: unknown) => void,
    durable = false,
  ) {
    this.#now = now;
    this.machine = new Machine(limits, this.#surroundings(wallTime), types, record, durable);
  }

  /**
   * Begins with the state of a machine. Its turns from then on follow.
   * @param now time of the last turn before
   */
  restore(state: StateOf<Machine>, now = this.#now, instanceOf?: InstanceOf): void {
    this.#now = now;
    this.#lastRun = state.numbers[2];
    this.machine.restore(state, () => this.#driver(), instanceOf);
  }

  /**
   * Applies the next turn.
   * @throws Error if the turn reads more or less from its surroundings than it did the first time
   */
  apply({ now, input, observed }: Turn): void {
    this.#now = now;
    this.#observed = [...observed];
    try {
      this.#take(input);
    } catch (error) {
      // The next input is the end of the session.
      if (!(error instanceof MalformedError)) throw error;
    }
    if (this.#observed.length > 0)
      throw new Error(`the turn read less from its surroundings than it had the first time: ${this.#observed.length} are left`);
  }

  /**
   * Ends the replay: the machine goes on by itself, in other surroundings. Users' code that was not over has ended with the machine that ran it.
   * @param types the registered types from now on, with their code
   * @throws InvalidArgumentError if an instance of a registered type cannot be restored
   */
  goOn(surroundings: Surroundings, record: Recorder, types: Types): Machine {
    this.machine.goOnWith(types, surroundings, record);
    for (const [run, { write }] of this.#running)
      this.#completed(run, () => write({ error: new Error('the manager ended while this ran') }));
    return this.machine;
  }

  #completed(run: number, written: () => WrittenOutcome): void {
    const { completed } = this.#running.get(run)!;
    this.#running.delete(run);
    completed(written);
  }

  #take(input: MachineInput): void {
    const { machine } = this;
    switch (input.type) {
      case 'opened':
        machine.open(input.id, input.client, this.#driver());
        break;
      case 'frame':
        this.#asked = 0;
        this.#stoppedAt = input.stoppedAt;
        machine.sessions.get(input.session)!.read(input.frame);
        break;
      case 'received':
        this.#session(input, (session) => session.acknowledge(input.count));
        break;
      case 'flushed':
        this.#session(input, (session) => session.flush());
        break;
      case 'ended':
        this.#session(input, (session) => session.end());
        break;
      case 'called':
        machine.call(input.request, () => {});
        break;
      case 'cancelled':
        machine.cancel(input.call);
        break;
      case 'completed':
        this.#completed(input.run, () => input.outcome);
        break;
      case 'lost':
        machine.lose(input.names);
        break;
      case 'restarted':
        machine.restarted(input.wallTime);
        break;
      case 'limited':
        machine.limit(input.limits);
        break;
      case 'typed':
        machine.retype(input.types);
        break;
      case 'authorized':
        machine.authorize(input.tokens);
        break;
      case 'draining':
        machine.drain(input.reason);
        break;
      case 'tick':
        this.#pass(input);
    }
  }

  /** Applies an input for a session. If it has ended meanwhile, only time goes on. */
  #session(input: MachineInput & { readonly session: number }, take: (session: MachineSession) => void): void {
    const session = this.machine.sessions.get(input.session);
    if (session === undefined) this.#pass(input);
    else take(session);
  }

  /** A turn without work. */
  #pass(input: MachineInput): void {
    this.machine.turn(
      () => {},
      () => input,
    );
  }

  #driver(): SessionDriver {
    const isFull = (): boolean => ++this.#asked === this.#stoppedAt;
    return {
      get full() {
        return isFull();
      },
      send() {},
      written() {},
      left() {},
      called() {},
      answered() {},
      failed() {},
      warned() {},
    };
  }

  #surroundings(wallTime: number): Surroundings {
    const next = (): State => {
      if (this.#observed.length === 0) throw new Error('the turn read more from its surroundings than it had the first time');
      return this.#observed.shift();
    };
    const divided = (): boolean => this.#observed.length > 0 && this.#observed[0] === undefined;
    return {
      // Before there was divided work, all was done at once: such a turn has not read that something is not over yet.
      get divide() {
        return divided() ? noWork : undefined;
      },
      time: { now: () => this.#now, wallTime: () => wallTime, wake() {}, defect: this.defect },
      uptimeMs: () => next() as number,
      memory: () => next() as ReturnType<Surroundings['memory']>,
      program: () => next() as unknown as Program,
      traffic: () => next() as unknown as Traffic,
      slowCalls: () => next() as unknown as readonly SlowCall[],
      userCode: {
        run: <W extends WrittenOutcome>(
          _code: () => unknown,
          write: (outcome: CodeOutcome) => W,
          completed: (written: () => W) => void,
        ): W | undefined => {
          const run = ++this.#lastRun;
          const written = next() as W | undefined;
          if (written === undefined) this.#running.set(run, { write, completed: (written) => completed(written as () => W) });
          return written;
        },
        runDetached() {},
      },
    };
  }
}
