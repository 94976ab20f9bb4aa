import { inspect } from 'node:util';
import { NotFoundError } from '../../proto/errors.js';
import { BarrierService, type BarrierServiceOpenRequest } from '../../proto/gen/commonhold/v1/barrier_wire.js';
import { count } from '../objects/arguments.js';
import { asItIs, nothing, ObjectProxy, type ProxyContext } from '../objects/object-proxy.js';
import { givenMilliseconds, milliseconds, WAIT_OPTIONS, type WaitOptions } from '../wait.js';
import { checkOptions, type OptionNames } from '../../proto/known-options.js';
import { OBJECT_OPTIONS, type ObjectOptions } from '../objects/object-options.js';
import { SyncBarrier } from '../shared/sync/barrier.js';

const { methods } = BarrierService;

/** Maximum number of characters of an action's error that the other parties receive. */
const LONGEST_MESSAGE = 1000;

/** Options of a barrier. */
export interface BarrierOptions extends ObjectOptions {
  /**
   * Runs after all parties have arrived and before any of them is released. It is run by the last party to arrive among the parties whose
   * proxy has an action, and may be async. If it throws, that party's `wait` rejects with the error, and the barrier is broken. Functions
   * are not sent with references: a proxy that was received as a reference has no action.
   */
  action?: (() => unknown) | undefined;
  /** Maximum wait in milliseconds of a `wait` without a `timeout` of its own. Stored with the shared object. Default: no limit. */
  timeout?: number | undefined;
}

export const BARRIER_OPTIONS = { ...OBJECT_OPTIONS, action: true, timeout: true } satisfies OptionNames<BarrierOptions>;

/**
 * A point at which a fixed number of parties wait for each other, reusable any number of times: Python's Barrier.
 *
 * The barrier breaks when a party gives up (its timeout ends, its signal aborts, its session ends, or its action fails) or calls `abort`.
 * From then until `reset`, every `wait`, pending or new, rejects with BrokenBarrierError.
 *
 * Every method may throw KindMismatchError if the name belongs to another kind, OptionsConflictError if the barrier was created with a
 * different number of parties or timeout, and NotFoundError if the proxy was received as a reference and no barrier of that name exists.
 */
export class Barrier extends ObjectProxy<BarrierServiceOpenRequest> {
  #parties: number | undefined;
  readonly #action: (() => unknown) | undefined;

  /** @internal Without parties, a proxy of an existing barrier. */
  constructor(context: ProxyContext, name: string, parties?: number, { action, timeout }: BarrierOptions = {}) {
    const request: BarrierServiceOpenRequest = { name, exclusive: false, timeoutMs: milliseconds('timeout', timeout) };
    if (parties !== undefined) request.parties = count('parties', parties, 1);
    super(context, 'barrier', name, { method: methods.open, request }, parties !== undefined);
    this.#parties = parties;
    this.#action = action;
  }

  /** Synchronous API, for a barrier in shared memory. @throws InvalidArgumentError if it is not in shared memory */
  get sync(): SyncBarrier {
    return (this.#sync ??= new SyncBarrier(this, this.#action));
  }
  #sync: SyncBarrier | undefined;

  /**
   * Number of parties. No round trip.
   * @throws NotFoundError if the proxy was received as a reference and has not had a response yet
   */
  get parties(): number {
    if (this.#parties !== undefined) return this.#parties;
    throw new NotFoundError(`the number of parties of "${this.name}" is unknown until a first call is answered: await waiting() first`, {
      object: this.name,
    });
  }

  /**
   * Waits until all parties have arrived, and returns this party's index: 0 to `parties` - 1, in the order of arrival. One round trip; two
   * for the party that runs the action.
   *
   * The timeout covers the whole wait, including another party's action; `Infinity` waits without limit even if the barrier has a timeout
   * of its own. With a timeout of 0, only the last party gets through. Neither the timeout nor the signal interrupts an action that this
   * party runs.
   * @throws BrokenBarrierError to all parties, with its `reason`; the signal's reason to the party that aborted; the action's error to the
   * party that ran it; NotFoundError if the barrier is destroyed meanwhile
   */
  async wait(options?: WaitOptions): Promise<number> {
    checkOptions(options, WAIT_OPTIONS);
    const asked = options?.timeout;
    // Undefined selects the barrier's own timeout, so Infinity must be sent as a number.
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
      // If this call fails, the barrier is broken already: by another party, or with this session.
      await this.call(methods.fail, { name, token, message: messageOf(error) }, nothing).catch(nothing);
      throw error;
    }
    await this.call(methods.release, { name, token }, nothing);
  }

  /** Breaks the barrier: pending and later waits reject with BrokenBarrierError. One round trip. */
  abort(): Promise<void> {
    return this.call(methods.abort, { name: this.name }, nothing);
  }

  /**
   * Resets the barrier to its initial state: pending waits reject with BrokenBarrierError, and later waits need all parties again. One
   * round trip.
   */
  reset(): Promise<void> {
    return this.call(methods.reset, { name: this.name }, nothing);
  }

  /** Returns the number of parties that have arrived and are not released yet. One round trip. */
  async waiting(): Promise<number> {
    return (await this.#state()).waiting;
  }

  /** Returns true if the barrier is broken. One round trip. */
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
