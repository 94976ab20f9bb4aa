import { SessionCalls, type Outcomes } from '../../engine/core/calls.js';
import type { Clock } from '../../engine/core/clock.js';
import { Restoring, type InstanceOf } from '../../engine/core/restoring.js';
import { Session } from '../../engine/core/session.js';
import type { Steps } from '../../engine/core/steps.js';
import type { CodeOutcome, UserCode, WrittenOutcome } from '../../engine/core/system.js';
import { digest } from '../../engine/digest.js';
import { writtenAndRead } from './written-state.js';
import { createMemoryEngine, type MemoryEngine } from '../../engine/memory/index.js';
import type { EngineState } from '../../engine/memory/restore.js';
import { TypeRegistry } from '../../engine/types.js';
import { encodePayload } from '../../proto/codec/payload.js';
import { REFERENCE } from '../../proto/codec/reference.js';
import type { ManagerError } from '../../proto/errors.js';
import { openerOf } from '../../proto/methods.js';
import type { StateOf } from '../../proto/state.js';
import { isThenable } from '../../proto/thenable.js';
import { EMPTY, type Codec, type Method } from '../../proto/wire/codec.js';
import { decodeMessage, encodeMessage } from '../../proto/wire/message.js';
import { MalformedError } from '../../proto/wire/values.js';
import { Writer } from '../../proto/wire/writer.js';
import type { EngineLimits } from '../../engine/core/limits.js';
import { hostWith } from './host.js';
import { ManualTime } from './turns.js';

/** A registered type of every world, without a state: a method that ends at once, and one whose end the world decides. */
class Machine {
  add(more: number): number {
    return more + 1;
  }

  copy(): Machine {
    return new Machine();
  }

  self(): this {
    return this;
  }

  later(): PromiseLike<number> {
    return { then: () => undefined } as never;
  }
}

/** Users' code whose later outcomes come when the world says so. */
class DecidedUserCode implements UserCode {
  readonly running: ((outcome: CodeOutcome) => void)[] = [];

  run<W extends WrittenOutcome>(
    code: () => unknown,
    write: (outcome: CodeOutcome) => W,
    completed: (written: () => W) => void,
  ): W | undefined {
    const value = code();
    if (!isThenable(value)) return write({ value });
    this.running.push((outcome) => completed(() => write(outcome)));
    return undefined;
  }

  runDetached(): void {}
}

/** An answer or an error that a session got. */
export type Outcome = readonly [session: string, id: number, response: unknown];

/** A client of the world. */
interface Client {
  readonly session: Session;
  readonly calls: SessionCalls;
  lastId: number;
}

/** A memory engine with sessions, whose time and users' code stand still until the test moves them. All calls are made as a server makes them. */
export class EngineWorld {
  readonly time = new ManualTime();
  readonly engine: MemoryEngine;
  /** Everything that sessions were told, in order. */
  readonly outcomes: Outcome[] = [];
  /** Calls in the order in which they were made. */
  readonly calls: { readonly session: string; readonly id: number }[] = [];
  readonly #userCode = new DecidedUserCode();
  readonly #works: { readonly steps: Steps; readonly completed: () => void }[] = [];
  readonly #clients = new Map<string, Client>();

  constructor(limits: Partial<EngineLimits> = {}) {
    const types = new TypeRegistry();
    types.register('Machine', Machine);
    const system = {
      clock: this.clock,
      userCode: this.#userCode,
      uptimeMs: () => 0,
      memory: () => ({ residentBytes: 0, heapBytes: 0 }),
      divide: (steps: Steps, completed: () => void) => void this.#works.push({ steps, completed }),
    };
    this.engine = createMemoryEngine(hostWith({ watchHistory: 20, ...limits }, system), types);
  }

  get clock(): Clock {
    return this.time.clock;
  }

  /** Numbers of the running pieces of users' code. */
  get running(): number {
    return this.#userCode.running.length;
  }

  /** Makes a call, and returns its id. Fields that are left out are empty. A session that is not there is opened. */
  call<I, O>(
    session: string,
    method: Method<I, O>,
    request: Partial<I> = {},
    open?: object,
    id = this.#client(session).lastId + 1,
  ): number {
    const client = this.#client(session);
    client.lastId = id;
    this.calls.push({ session, id });
    const route = { method, handler: this.engine.handler(method)! };
    const whole = filled(method, request);
    const { length } = encodeMessage(new Writer(), method.input, whole);
    client.calls.start(id, route, whole, open && this.#opening(method, open), length);
    return id;
  }

  #opening(method: Method, request: object): { method: Method; handler: never; request: unknown } {
    const opener = openerOf(method)!;
    return { method: opener, handler: this.engine.handler(opener) as never, request: filled(opener, request) };
  }

  /** Makes a call that is answered at once, and returns the response. */
  ask<I, O>(session: string, method: Method<I, O>, request: Partial<I> = {}): O {
    const id = this.call(session, method, request);
    const [of, answered, response] = this.outcomes.at(-1)!;
    if (of !== session || answered !== id) throw new Error(`${method.name} waits`);
    if (response instanceof Error) throw response;
    return response as O;
  }

  cancel(session: string, id: number): void {
    this.#client(session).calls.cancel(id);
  }

  /** Acknowledges the answer of a call, or of its first `count` items. */
  acknowledge(session: string, id: number, count?: number): void {
    this.#client(session).calls.acknowledge(id, count);
  }

  /** Returns all values of a field in the responses so far, such as the tokens. */
  told(field: 'token' | 'revision' | 'nextPageToken'): unknown[] {
    return this.outcomes.flatMap(([, , response]) => valuesOf(response as object, field));
  }

  /** Ends a session. The next call of that name opens another. */
  end(session: string): void {
    this.#client(session).calls.end();
    this.#clients.delete(session);
  }

  /** Ends a running piece of users' code. */
  complete(index: number, outcome: CodeOutcome): void {
    const [completed] = this.#userCode.running.splice(index, 1);
    if (completed !== undefined) this.clock.turn(() => completed(outcome));
  }

  /** Number of long calls that are prepared. */
  get works(): number {
    return this.#works.length;
  }

  /**
   * Does some steps of the oldest work, and ends it, as if all were done.
   * @param steps Infinity for all of them
   * @param meanwhile makes calls before it ends
   */
  work(steps: number, meanwhile = (): void => undefined): void {
    const work = this.#works.shift();
    if (work === undefined) return;
    for (let done = 0; done < steps && work.steps.next().done !== true; done++);
    meanwhile();
    this.clock.turn(work.completed);
  }

  /** Everything that later turns depend on, but the users' code. */
  state(): [EngineState, ...StateOf<SessionCalls>[]] {
    return [this.engine.state(), ...this.sessions()];
  }

  sessions(): StateOf<SessionCalls>[] {
    return [...this.#clients].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, { calls }]) => calls.state());
  }

  /** Makes a world with the past of another, and with its state or a given one. */
  static restored(
    from: EngineWorld,
    state = from.state(),
    instanceOf = from.engine.instanceOf,
    limits: Partial<EngineLimits> = {},
  ): EngineWorld {
    const world = new EngineWorld(limits);
    world.time.time = from.time.time;
    world.outcomes.push(...from.outcomes);
    world.calls.push(...from.calls);
    world.#restore(writtenAndRead(state), instanceOf);
    return world;
  }

  #restore([state, ...sessions]: StateOf<EngineWorld>, instanceOf: InstanceOf): void {
    const restoring = new Restoring(this.clock, instanceOf);
    for (const session of sessions) this.#client(session.session.label).calls.restore(session, restoring);
    this.engine.restore(state, restoring);
  }

  digest(): string {
    return digest(this.state());
  }

  close(): void {
    this.engine.close();
  }

  /** A unary call has a session of its own, whose name begins with `unary`. */
  #client(name: string): Client {
    let client = this.#clients.get(name);
    if (client === undefined) {
      const session = new Session(
        name.startsWith('unary') ? '' : name,
        { label: name },
        (token) => this.outcomes.push([name, 0, { lost: token }]),
        (warning) => this.outcomes.push([name, 0, { warning }]),
      );
      const outcomes: Outcomes = {
        answer: (id, _method, response) => this.outcomes.push([name, id, response]),
        fail: (id, error: ManagerError) => this.outcomes.push([name, id, error]),
      };
      client = { session, calls: new SessionCalls(this.engine, session, outcomes), lastId: 0 };
      this.#clients.set(name, client);
    }
    return client;
  }
}

/** The values of a field in a response, and in the items of one. */
function valuesOf(response: object, field: string): unknown[] {
  const { [field]: value, actionToken, items = [] } = response as Record<string, unknown> & { items?: object[] };
  const found = field === 'token' && actionToken !== undefined ? [actionToken] : [];
  if (value !== undefined && value !== '') found.push(value);
  return [...found, ...items.flatMap((item) => valuesOf(item, field))];
}

/** Returns a request of a method, with empty fields for all others. A message with fields that must be given has no empty form, and all its other fields are optional. */
export function filled<I>({ input }: Method<I>, request: object): I {
  return decodeMessage(input, encodeMessage(new Writer(), input, { ...empty(input), ...request } as I));
}

function empty<I>(input: Codec<I>): Partial<I> {
  try {
    return decodeMessage(input, EMPTY);
  } catch (error) {
    if (error instanceof MalformedError) return {};
    throw error;
  }
}

/** A reference to a list as a payload. */
export function reference(name: string): string {
  return payload({ [REFERENCE]: () => ({ kind: 'list', name, address: '' }) });
}

/** A value as a payload that an engine stores as it is. */
export function payload(value: unknown): string {
  return Buffer.from(encodePayload(value)).toString('latin1');
}
