import { inspect } from 'node:util';
import { NotFoundError } from '../../proto/errors.js';
import { BarrierService, type BarrierServiceOpenRequest } from '../../proto/gen/commonhold/v1/barrier_wire.js';
import { count } from '../objects/arguments.js';
import { asItIs, nothing, ObjectProxy, type ProxyContext } from '../objects/object-proxy.js';
import { givenMilliseconds, milliseconds, WAIT_OPTIONS, type WaitOptions } from '../wait.js';
import { checkOptions, type OptionNames } from '../known-options.js';
import { OBJECT_OPTIONS, type ObjectOptions } from '../objects/object-options.js';
import { SyncBarrier } from '../shared/sync/barrier.js';

const { methods } = BarrierService;

/** How many characters of an action's error the other parties are told. */
const LONGEST_MESSAGE = 1000;

/** Options of a barrier. */
export interface BarrierOptions extends ObjectOptions {
  /**
   * Runs when all parties have come, before any of them is let go: in the party that came last, of
   * those whose proxy was made with an action. It may be async. If it throws, that party's `wait`
   * rejects with what it threw, and the barrier is broken. A function does not travel: a proxy that
   * came as a reference has no action.
   */
  action?: (() => unknown) | undefined;
  /** Milliseconds that a `wait` without a `timeout` waits at most. It belongs to the shared object. Default: for ever. */
  timeout?: number | undefined;
}

export const BARRIER_OPTIONS = { ...OBJECT_OPTIONS, action: true, timeout: true } satisfies OptionNames<BarrierOptions>;

/**
 * A place where a fixed number of parties wait for each other, again and again: Python's Barrier.
 *
 * It breaks when a party does not see it through: its timeout ends, its signal aborts, its session
 * ends, or its action fails; or by `abort`. Then every `wait`, those under way and those to come,
 * rejects with BrokenBarrierError, until `reset`.
 *
 * Every method may throw KindMismatchError where the name belongs to another kind,
 * OptionsConflictError where the barrier was made for other parties or with another timeout, and
 * NotFoundError where the proxy came as a reference and there is no barrier of that name.
 */
export class Barrier extends ObjectProxy<BarrierServiceOpenRequest> {
  #parties: number | undefined;
  readonly #action: (() => unknown) | undefined;

  /** @internal Without parties it is a proxy of one that exists. */
  constructor(context: ProxyContext, name: string, parties?: number, { action, timeout }: BarrierOptions = {}) {
    const request: BarrierServiceOpenRequest = { name, exclusive: false, timeoutMs: milliseconds('timeout', timeout) };
    if (parties !== undefined) request.parties = count('parties', parties, 1);
    super(context, 'barrier', name, { method: methods.open, request }, parties !== undefined);
    this.#parties = parties;
    this.#action = action;
  }

  /** The same without promises, where the barrier is in shared memory. @throws InvalidArgumentError where it is not */
  get sync(): SyncBarrier {
    return (this.#sync ??= new SyncBarrier(this, this.#action));
  }
  #sync: SyncBarrier | undefined;

  /**
   * How many wait for each other. No round trip.
   * @throws NotFoundError where the proxy came as a reference and no call of it was answered yet
   */
  get parties(): number {
    if (this.#parties !== undefined) return this.#parties;
    throw new NotFoundError(`how many the parties of "${this.name}" are is known after a first call: await waiting()`, {
      object: this.name,
    });
  }

  /**
   * Waits until all parties have come, and answers this one's index: from 0 to `parties` less 1, in
   * the order they came, to each another. One round trip; two for the party that runs the action.
   *
   * The timeout counts until this party is let go, the action of another included; `Infinity` waits
   * without end where the barrier has a timeout of its own. With a timeout of 0, only the last party
   * gets through. Neither the timeout nor the signal stops an action that this party runs itself.
   * @throws BrokenBarrierError, whose `reason` says why, to all parties alike; the signal's reason to
   * the one that gave up; what the action threw to the one that ran it; NotFoundError when the barrier
   * is destroyed meanwhile
   */
  async wait(options?: WaitOptions): Promise<number> {
    checkOptions(options, WAIT_OPTIONS);
    const asked = options?.timeout;
    // The barrier may have a timeout, which a wait without end must not fall back to.
    const timeoutMs = asked === undefined ? undefined : givenMilliseconds('timeout', asked);
    const request = { name: this.name, timeoutMs, hasAction: this.#action !== undefined };
    const { index, actionToken, parties } = await this.call(methods.wait, request, asItIs, options);
    this.#parties = parties;
    if (actionToken !== undefined) await this.#act(actionToken);
    return index;
  }

  async #act(token: number): Promise<void> {
    const { name } = this;
    try {
      await this.#action?.();
    } catch (error) {
      // Where this fails, the barrier is broken already: by another party, or with this session.
      await this.call(methods.fail, { name, token, message: messageOf(error) }, nothing).catch(nothing);
      throw error;
    }
    await this.call(methods.release, { name, token }, nothing);
  }

  /** Breaks the barrier: all who wait, and all who come, get BrokenBarrierError. One round trip. */
  abort(): Promise<void> {
    return this.call(methods.abort, { name: this.name }, nothing);
  }

  /**
   * Makes the barrier as new: all who wait get BrokenBarrierError, and who comes from now on waits for
   * all parties anew. One round trip.
   */
  reset(): Promise<void> {
    return this.call(methods.reset, { name: this.name }, nothing);
  }

  /**
   * How many parties have come and were not let go yet, at the time the manager answers. One round
   * trip.
   */
  async waiting(): Promise<number> {
    return (await this.#state()).waiting;
  }

  /** Whether the barrier is broken. One round trip. */
  async broken(): Promise<boolean> {
    return (await this.#state()).broken !== undefined;
  }

  async #state(): Promise<{ waiting: number; broken?: string | undefined }> {
    const state = await this.call(methods.state, { name: this.name }, asItIs);
    this.#parties = state.parties;
    return state;
  }
}

function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : inspect(error);
  return message.slice(0, LONGEST_MESSAGE);
}
