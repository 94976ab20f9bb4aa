import type { Held } from '../../client/locking/held.js';
import type { Manager } from '../../client/connect/manager.js';
import { outcomeOf, type Call } from './history.js';
import type { SeenHold } from './holds.js';
import type { ObservedClient } from './observed-client.js';
import type { ObservedWorld } from './observed.js';
import type { DeedStep } from './plan.js';

/** Limits of a call, as the SDK takes them. */
export interface Limits {
  timeout?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** The limits of a step. */
type Waits = Pick<DeedStep, 'timeout' | 'abort'>;

/** Time beyond its timeout within which a call has to end: the client waits a second for the manager's word, and looks ten times a second. */
const GRACE_MS = 2_000;

/** A user of a client, who does one thing after the other. */
export class User {
  /** Values that this user has seen last, by object and key: what it expects when it replaces one. */
  readonly seen = new Map<string, unknown>();
  #written = 0;

  constructor(
    readonly world: ObservedWorld,
    readonly client: ObservedClient,
    readonly index: number,
  ) {}

  get manager(): Manager {
    return this.client.manager;
  }

  /** Returns a value that no one else writes. */
  unique(): number {
    return (this.client.index * 10 + this.index + 1) * 1_000_000 + ++this.#written;
  }

  pause(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, ms));
  }

  /** Returns the limits of the waits of a step. */
  limits({ timeout, abort }: Waits): Limits {
    if (abort === undefined) return { timeout };
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Aborted(this.world.time.now)), abort);
    return { timeout, signal: controller.signal };
  }

  /** Makes a call that does not wait for other clients. */
  call<R>(object: string, what: string, args: readonly unknown[], make: () => Promise<R>): Promise<R> {
    return this.#record(object, what, args, this.client.plan.callTimeout, make);
  }

  /** Makes a call that waits for other clients. */
  wait<R>(object: string, what: string, args: readonly unknown[], step: Waits, make: (limits: Limits) => Promise<R>): Promise<R> {
    const limits = this.limits(step);
    // Without a wait, the limit of all calls applies.
    const timeout = step.timeout === 0 ? this.client.plan.callTimeout : (step.timeout ?? Infinity);
    return this.#record(object, what, args, Math.min(timeout, step.abort ?? Infinity), () => make(limits));
  }

  async #record<R>(object: string, what: string, args: readonly unknown[], limitMs: number, make: () => Promise<R>): Promise<R> {
    const { history, time } = this.world;
    const call: Call = {
      object,
      what,
      args,
      client: this.client,
      called: history.moment(),
      returned: Infinity,
      calledAt: time.now,
      returnedAt: Infinity,
      dueAt: time.now + limitMs + GRACE_MS,
      knownAt: Infinity,
      outcome: 'pending',
      result: undefined,
      error: undefined,
    };
    history.begin(call);
    try {
      const result = await make();
      call.outcome = 'done';
      call.result = result;
      return result;
    } catch (error) {
      call.outcome = outcomeOf(what, error);
      call.error = error;
      throw error;
    } finally {
      call.returnedAt = time.now;
      history.end(call);
    }
  }

  /**
   * Makes a call that waits in line, and at once another one that does not wait: once that is answered, the manager knows of both, because
   * the calls of a session start in their order.
   */
  inLine<R>(object: string, what: string, step: DeedStep, make: (limits: Limits) => Promise<R>, args: readonly unknown[] = []): Promise<R> {
    const waiting = this.wait(object, what, args, step, make);
    const call = this.world.history.calls.at(-1)!;
    this.manager
      .event('probe')
      .isSet()
      .then(
        () => (call.knownAt = this.world.history.moment()),
        () => {},
      );
    return waiting;
  }

  /** Notes a hold that was granted. */
  granted(held: Held, owner: object, { lease, permits = 1, capacity = 1, since }: HoldTerms): SeenHold {
    const { client, world } = this;
    const { object, token, signal } = held;
    const session = client.manager.sessionId;
    const until = since + (lease ?? Infinity);
    const hold: SeenHold = { object, client, token, signal, source: held, session, owner, permits, until, given: false };
    world.holds.granted(hold, capacity);
    return hold;
  }
}

/** The terms of a hold. */
export interface HoldTerms {
  /** Time of the call that got it. */
  readonly since: number;
  readonly lease?: number | undefined;
  readonly permits?: number;
  /** Number of permits that can be held at a time. */
  readonly capacity?: number;
}

/** The reason of an abort. */
export class Aborted extends Error {
  constructor(at: number) {
    super(`aborted at ${at}`);
  }
}
