import { inspect } from 'node:util';
import { DeliveryLostError, InvalidArgumentError, NotOwnerError } from '../../../proto/errors.js';
import type { DeliveredItem } from '../../../proto/gen/commonhold/v1/queue_wire.js';
import { copyOf } from '../../call-site.js';
import { valueOf, type Outcome } from '../../outcome.js';
import { checkOptions, type OptionNames } from '../../../proto/known-options.js';
import { quoted } from '../../../proto/given.js';
import { shown } from '../../shown.js';
import type { Transport } from '../../connect/transport/transport.js';
import { givenMilliseconds } from '../../wait.js';
import type { Frozen } from '../frozen.js';
import { backoffDelay, type Backoff } from './backoff.js';
import { letterOf, type Letter } from './queued-item.js';

/** The calls of a delivery to its queue. */
export interface DeliveryCalls {
  ack(token: number): Promise<void>;
  nak(token: number, delayMs: number, reason: string | undefined): Promise<void>;
  extend(token: number, leaseMs: number): Promise<void>;
}

/** Options of `nak`. */
export interface NakOptions {
  /** Milliseconds before the item can be delivered again. Default: 0. */
  delay?: number | undefined;
  /** The delay as a policy or a function of the attempts so far, instead of `delay`. Default: none. */
  backoff?: Backoff | undefined;
  /** Reason for people, which the item has if it becomes a dead letter now: a text, or an error, of which the message counts. */
  reason?: unknown;
}

const NAK_OPTIONS = { delay: true, backoff: true, reason: true } satisfies OptionNames<NakOptions>;

/** Limit of the characters of a reason; longer ones are cut off. */
const LONGEST_REASON = 1024;

/**
 * An item that is being processed. Until it is acknowledged it belongs to the queue: it returns to the head, to be delivered again, when
 * the lease ends, when the session ends (for instance because the process dies), and after `nak()`. So an item is processed at least once,
 * and acknowledged once.
 */
export class Delivery<V = unknown> {
  /** Number of deliveries of this item, including this one: above 1, it may have been processed before. */
  readonly attempts: number;
  /** Its id; undefined without one. */
  readonly id: string | undefined;
  /** Why and when it became a dead letter, if this is a queue of dead letters. */
  readonly letter: Letter | undefined;
  readonly #item: Outcome<Frozen<V>>;
  readonly #transport: Transport;
  readonly #token: number;
  readonly #queue: string;
  readonly #calls: DeliveryCalls;
  readonly #over: () => void;
  readonly #unwatch: () => void;
  #state: 'held' | 'settled' | 'lost' = 'held';
  #controller: AbortController | undefined;
  #lossReason: DeliveryLostError | undefined;

  /** @internal */
  constructor(
    transport: Transport,
    queue: string,
    { token, attempts, id, letter }: DeliveredItem,
    item: Outcome<Frozen<V>>,
    calls: DeliveryCalls,
    /** Called once, when it is settled or lost. */
    over: () => void = () => {},
  ) {
    this.#over = over;
    this.#item = item;
    this.attempts = attempts;
    this.id = id;
    this.letter = letter && letterOf(letter);
    this.#transport = transport;
    this.#token = token;
    this.#queue = queue;
    this.#calls = calls;
    this.#unwatch = transport.onLost(token, (reason) => this.#lost(reason));
  }

  /**
   * The item.
   * @throws SchemaError if the queue has a schema that refuses the item. The item is delivered nevertheless: it can be acknowledged or
   * given back as any other, and an attempt that is not settled counts
   */
  get value(): Frozen<V> {
    return valueOf(this.#item);
  }

  /** Aborts when the delivery is lost, with its lease or its session: another client may process the item from then on. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    this.#transport.checkLease();
    if (this.#state === 'lost') this.#controller.abort(this.#lossReason);
    return this.#controller.signal;
  }

  /** Returns the state in one line, as `console.log` shows it. */
  toString(): string {
    return this[inspect.custom]();
  }

  /** @internal */
  [inspect.custom](): string {
    return shown(this, `of ${quoted(this.#queue)}, attempt ${this.attempts}, ${this.#state}`);
  }

  /** @internal True if it is neither settled nor lost. */
  get held(): boolean {
    return this.#state === 'held';
  }

  /**
   * Acknowledges the item as processed, which counts as `taskDone()`: it will not be delivered again. One round trip.
   * @throws DeliveryLostError if the lease or the session ended; NotOwnerError if it was settled already
   */
  ack(): Promise<void> {
    return this.#settle(() => this.#calls.ack(this.#token));
  }

  /**
   * Gives the item back to the head of its queue, at once or after a delay. One round trip.
   * @param options the delay in milliseconds, or options
   * @throws DeliveryLostError, NotOwnerError as {@link ack}; InvalidArgumentError for an invalid delay or policy
   */
  async nak(options: number | NakOptions = 0): Promise<void> {
    if (typeof options !== 'number') checkOptions(options, NAK_OPTIONS);
    const { delay, backoff, reason } = typeof options === 'number' ? { delay: options } : options;
    if (delay !== undefined && backoff !== undefined) throw new InvalidArgumentError('nak with a delay and a backoff: give one of them');
    const delayMs = backoff === undefined ? givenMilliseconds('delay', delay ?? 0) : backoffDelay(backoff, this.attempts);
    await this.#settle(() => this.#calls.nak(this.#token, delayMs, reasonText(reason)));
  }

  /**
   * Sets the lease to end `lease` milliseconds from now. One round trip.
   * @throws DeliveryLostError, NotOwnerError as {@link ack}; InvalidArgumentError for a lease of 0
   */
  async extend(lease: number): Promise<void> {
    const leaseMs = deliveryLease(lease);
    this.#assertHeld();
    await this.#calls.extend(this.#token, leaseMs);
  }

  /** @internal Gives up the delivery without a call to the manager. */
  drop(): void {
    if (this.#state !== 'held') return;
    this.#state = 'settled';
    this.#end();
  }

  async #settle(call: () => Promise<void>): Promise<void> {
    this.#assertHeld();
    this.#state = 'settled';
    try {
      await call();
    } catch (error) {
      // The call seems to have had no effect, so it can be retried, unless the delivery was lost meanwhile.
      if (this.#state === 'settled') this.#state = 'held';
      if (error instanceof DeliveryLostError) this.#lost(error);
      throw error;
    }
    this.#end();
  }

  #assertHeld(): void {
    this.#transport.checkLease();
    if (this.#state === 'settled')
      throw new NotOwnerError(`this delivery of "${this.#queue}" was settled already`, { object: this.#queue });
    if (this.#lossReason !== undefined) throw copyOf(this.#lossReason);
  }

  #lost(cause: Error): void {
    if (this.#state === 'lost') return;
    this.#state = 'lost';
    this.#lossReason = new DeliveryLostError(`this delivery of "${this.#queue}" is no longer held: ${cause.message}`, {
      object: this.#queue,
      cause,
    });
    this.#controller?.abort(this.#lossReason);
    this.#end();
  }

  #end(): void {
    this.#unwatch();
    this.#over();
  }
}

function reasonText(reason: unknown): string | undefined {
  if (reason === undefined) return undefined;
  const text = reason instanceof Error ? reason.message : typeof reason === 'string' ? reason : inspect(reason);
  return text.slice(0, LONGEST_REASON);
}

/** Converts the lease of a delivery, which is never unlimited, for the wire. */
export function deliveryLease(lease: number): number {
  const ms = givenMilliseconds('lease', lease);
  if (ms === 0) throw new InvalidArgumentError('a lease of 0 ms is over before it begins: give at least 1');
  return ms;
}
