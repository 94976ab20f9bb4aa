import type { Reference } from '../../proto/codec/reference.js';
import { EndOfPipeError, InvalidArgumentError } from '../../proto/errors.js';
import { PipeService, type PipeServiceOpenRequest } from '../../proto/gen/commonhold/v1/pipe_wire.js';
import type { Frozen } from './frozen.js';
import { QueueIterator } from './queue/queue-iterator.js';
import { attempt, nothing, ObjectProxy, type ProxyContext } from './object-proxy.js';
import { falseWhenLate, timeoutOf, type WaitOptions } from '../wait.js';
import type { OptionNames } from '../../proto/known-options.js';
import { quoted } from '../../proto/given.js';
import { VALUES_OPTIONS, type ValuesOptions } from './object-options.js';

const { methods } = PipeService;

/** Options of a pipe. A schema checks the messages of both directions. */
export interface PipeOptions<M = unknown> extends ValuesOptions<M> {
  /** If true, both ends send and receive. If false, the first only receives and the second only sends. Default: true. */
  duplex?: boolean | undefined;
  /** Maximum number of messages in transit to an end; `send` waits for room. 0 means no limit. Default: 1,000. */
  capacity?: number | undefined;
}

export const PIPE_OPTIONS = { ...VALUES_OPTIONS, duplex: true, capacity: true } satisfies OptionNames<PipeOptions>;

/** The receiving end of a one-way pipe: a {@link PipeEnd} without `send`. */
export interface PipeReceiver<R = unknown> extends Omit<PipeEnd<unknown, R>, 'send' | 'create' | 'open'> {
  /** As {@link PipeEnd.create}. */
  create(): Promise<this>;
  /** As {@link PipeEnd.open}. */
  open(): Promise<this>;
}

/** The sending end of a one-way pipe: a {@link PipeEnd} without the receiving methods. */
export interface PipeSender<S = unknown> extends Omit<
  PipeEnd<S, unknown>,
  'receive' | 'poll' | 'create' | 'open' | typeof Symbol.asyncIterator
> {
  /** As {@link PipeEnd.create}. */
  create(): Promise<this>;
  /** As {@link PipeEnd.open}. */
  open(): Promise<this>;
}

/**
 * One end of a pipe: Python's Connection. Messages sent here are received at the other end one by one, neither split nor joined; an empty
 * message counts too. Many clients may use an end at once; each message goes to one of them, first come, first served. The client owns a
 * message once the answer has arrived: a client that dies while it waits, or before it has its answer, loses nothing.
 *
 * An end belongs to the first session that calls `send` or `receive` on it, successfully or not, or {@link open}; creating a proxy, storing
 * it, passing it on and `poll` do not count. The end is closed by {@link close}, from any client, or when its owner's session ends, for any
 * reason. It stays closed as long as the pipe exists, and messages that it had not received are dropped. An end that was never used has no
 * owner, so no death closes it: a worker whose death must be noticed opens its end first.
 *
 * Every method may throw ClosedError if this end is closed, KindMismatchError if the name belongs to another kind, OptionsConflictError if
 * the pipe has other options, and NotFoundError if it is destroyed meanwhile; with a schema, SchemaError for a refused message, on sending
 * and on receiving. A received message is then the error's `value`.
 */
export class PipeEnd<S = unknown, R = S> extends ObjectProxy<PipeServiceOpenRequest> implements AsyncIterable<Frozen<R>> {
  /** The first end (0) or the second (1). */
  readonly end: 0 | 1;
  readonly #request: PipeServiceOpenRequest;
  #destroyed = false;

  /** @internal Without options, a proxy of an existing end. */
  constructor(context: ProxyContext, name: string, end: number, options?: PipeOptions) {
    const { duplex, capacity } = options ?? {};
    const request = { name, exclusive: false, duplex, capacity: capacity === undefined ? undefined : bound(capacity) };
    // Sent even if all options have their defaults, so that the receiver of an end always finds a pipe, and a close is noticed.
    super(context, 'pipe', name, { method: methods.open, request }, options !== undefined);
    if (end !== 0 && end !== 1) throw new InvalidArgumentError(`end ${end} of "${name}": a pipe has the ends 0 and 1`);
    this.end = end;
    this.#request = request;
  }

  /**
   * Makes this session the owner of the end, unless it has an owner. One round trip.
   * @throws ClosedError if the end is closed
   */
  async open(): Promise<this> {
    await this.call(methods.open, { ...this.#request, end: this.end }, nothing);
    return this;
  }

  /**
   * Sends a message to the other end, waiting for room. One round trip.
   * @throws EndOfPipeError if the other end is closed (Python's BrokenPipeError); TimeoutError if the timeout ends first;
   * InvalidArgumentError if this end only receives; the signal's reason
   */
  send(message: S | Frozen<S>, options?: WaitOptions): Promise<void> {
    return attempt(() => {
      const timeoutMs = timeoutOf(options);
      const request = { name: this.name, end: this.end, message: this.encode(message), timeoutMs };
      return this.call(methods.send, request, nothing, options);
    });
  }

  /**
   * Receives the next message, waiting for one. By the time the promise resolves, its arrival was acknowledged to the manager, as with
   * `SharedQueue.get`. One round trip.
   * @throws EndOfPipeError if the other end is closed and all its messages were received (Python's EOFError); TimeoutError if the timeout
   * ends first; InvalidArgumentError if this end only sends; the signal's reason
   */
  receive(options?: WaitOptions): Promise<Frozen<R>> {
    return attempt(() => {
      const request = { name: this.name, end: this.end, max: 1, timeoutMs: timeoutOf(options) };
      return this.call(methods.receive, request, ({ messages }) => this.decode(messages[0]!) as Frozen<R>, options);
    });
  }

  /**
   * Waits until `receive` would not wait. Returns true if there is a message or the end of the pipe, as in Python, false if the timeout
   * ends first. Takes nothing; another client may receive the message first. Without a timeout it waits without limit, unlike Python's
   * `poll()`, which is `{ timeout: 0 }` here. One round trip.
   * @throws InvalidArgumentError if this end only sends; the signal's reason
   */
  poll(options?: WaitOptions): Promise<boolean> {
    return attempt(() => {
      const request = { name: this.name, end: this.end, timeoutMs: timeoutOf(options) };
      return falseWhenLate(
        this.call(methods.poll, request, ({ ready }) => ready, options),
        options,
      );
    });
  }

  /**
   * Closes this end for all clients: the other end receives the messages sent before, and then EndOfPipeError. Does nothing if it is closed
   * already. One round trip.
   */
  close(): Promise<void> {
    return this.call(methods.close, { name: this.name, end: this.end }, nothing);
  }

  /**
   * Iterates over the messages, waiting for each, until the end of the pipe. A fast loop fetches several at once; messages that it has not
   * reached go back to the head when the loop is left, or when its process dies. @throws the errors of {@link receive}
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<Frozen<R>> {
    return new QueueIterator<Frozen<R>>((max, signal, handOver) => {
      const request = { name: this.name, end: this.end, max };
      return this.call(methods.receive, request, ({ messages }) => messages.map((message) => this.outcome<Frozen<R>>(message)), {
        signal,
        handOver,
      });
    }, EndOfPipeError);
  }

  /** Destroys the pipe with both ends; otherwise as for every object. */
  override async destroy(): Promise<boolean> {
    const destroyed = await super.destroy();
    this.#destroyed = true;
    return destroyed;
  }

  /** Closes this end. Does nothing if the pipe was destroyed through this proxy. */
  override async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#destroyed) await this.close();
  }

  /** Returns a reference to this end as data: it can be stored, sent and logged, and contains no secret. */
  override toJSON(): Reference {
    return { ...super.toJSON(), end: this.end };
  }
}

function bound(capacity: number): number {
  if (Number.isInteger(capacity) && capacity >= 0 && capacity < 2 ** 32) return capacity;
  throw new InvalidArgumentError(`capacity is ${quoted(capacity)}: give a whole number, 0 or more`);
}
