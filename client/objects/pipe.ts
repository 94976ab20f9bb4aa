import type { Reference } from '../../proto/codec/reference.js';
import { EndOfPipeError, InvalidArgumentError } from '../../proto/errors.js';
import { PipeService, type PipeServiceOpenRequest } from '../../proto/gen/commonhold/v1/pipe_wire.js';
import type { Frozen } from './frozen.js';
import { QueueIterator } from './queue/queue-iterator.js';
import { attempt, nothing, ObjectProxy, type ProxyContext } from './object-proxy.js';
import { falseWhenLate, timeoutOf, type WaitOptions } from '../wait.js';
import type { OptionNames } from '../known-options.js';
import { VALUES_OPTIONS, type ValuesOptions } from './object-options.js';

const { methods } = PipeService;

/** Options of a pipe. A schema is that of the messages of both directions. */
export interface PipeOptions<M = unknown> extends ValuesOptions<M> {
  /** Whether both ends send and receive. With `false`, the first only receives and the second only sends. Default: true. */
  duplex?: boolean | undefined;
  /** Messages on their way to an end at most; `send` waits for room. 0 is no bound. Default: 1,000. */
  capacity?: number | undefined;
}

export const PIPE_OPTIONS = { ...VALUES_OPTIONS, duplex: true, capacity: true } satisfies OptionNames<PipeOptions>;

/** The end of a one-way pipe that receives: a {@link PipeEnd} that cannot send. */
export interface PipeReceiver<R = unknown> extends Omit<PipeEnd<unknown, R>, 'send' | 'create' | 'open'> {
  /** As {@link PipeEnd.create}. */
  create(): Promise<this>;
  /** As {@link PipeEnd.open}. */
  open(): Promise<this>;
}

/** The end of a one-way pipe that sends: a {@link PipeEnd} that cannot receive. */
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
 * One end of a pipe: Python's Connection. What is sent here is received at the other end, message by
 * message: none is split, none are joined, and an empty one is a message too. Many may use an end at
 * once; each message goes to one of them, first come, first served. A message is the client's when its
 * answer has arrived: the death of a client that waits, or that has not yet got its answer, loses
 * nothing.
 *
 * An end belongs to the first session that calls `send` or `receive` on it, successfully or not, or
 * {@link open}; making a proxy, storing it, passing it on and `poll` do not count. The end is closed by
 * {@link close}, whoever calls it, or when its owner's session ends, in order or by death. It stays
 * closed as long as the pipe is there, and what it had not received is dropped. An end that nobody ever
 * used has no owner, so no death closes it: a worker that must not die unnoticed opens its end first.
 *
 * Every method may throw ClosedError where this end is closed, KindMismatchError where the name belongs
 * to another kind, OptionsConflictError where the pipe has other options, and NotFoundError where it is
 * destroyed meanwhile; with a schema, SchemaError for a message that it refuses, given or read. One that was
 * received is then the error's `value`.
 */
export class PipeEnd<S = unknown, R = S> extends ObjectProxy<PipeServiceOpenRequest> implements AsyncIterable<Frozen<R>> {
  /** Which end it is: the first (0) or the second (1). */
  readonly end: 0 | 1;
  readonly #request: PipeServiceOpenRequest;
  #destroyed = false;

  /** @internal Without options it is a proxy of an end that exists. */
  constructor(context: ProxyContext, name: string, end: number, options?: PipeOptions) {
    const { duplex, capacity } = options ?? {};
    const request = { name, exclusive: false, duplex, capacity: capacity === undefined ? undefined : bound(capacity) };
    // Carried also without options: whoever gets an end finds a pipe, and a close is heard.
    super(context, 'pipe', name, { method: methods.open, request }, options !== undefined);
    if (end !== 0 && end !== 1) throw new InvalidArgumentError(`end ${end} of "${name}": a pipe has the ends 0 and 1`);
    this.end = end;
    this.#request = request;
  }

  /**
   * Makes this session the owner of the end, unless it has one. One round trip.
   * @throws ClosedError where the end is closed
   */
  async open(): Promise<this> {
    await this.call(methods.open, { ...this.#request, end: this.end }, nothing);
    return this;
  }

  /**
   * Sends a message to the other end, waiting for room. One round trip.
   * @throws EndOfPipeError when the other end is closed (Python's BrokenPipeError); TimeoutError when the
   * timeout ends first; InvalidArgumentError where this end only receives; the signal's reason
   */
  send(message: S | Frozen<S>, options?: WaitOptions): Promise<void> {
    return attempt(() => {
      const timeoutMs = timeoutOf(options);
      const request = { name: this.name, end: this.end, message: this.encode(message), timeoutMs };
      return this.call(methods.send, request, nothing, options);
    });
  }

  /**
   * Takes the next message, waiting for one. When the promise resolves, the manager was told that it arrived, as with
   * `SharedQueue.get`. One round trip.
   * @throws EndOfPipeError when the other end is closed and all that it sent is received (Python's
   * EOFError); TimeoutError when the timeout ends first; InvalidArgumentError where this end only sends;
   * the signal's reason
   */
  receive(options?: WaitOptions): Promise<Frozen<R>> {
    return attempt(() => {
      const request = { name: this.name, end: this.end, max: 1, timeoutMs: timeoutOf(options) };
      return this.call(methods.receive, request, ({ messages }) => this.decode(messages[0]!) as Frozen<R>, options);
    });
  }

  /**
   * Waits until `receive` would not: true when there is a message or the end of the pipe, as in Python,
   * false when the timeout ends first. Takes nothing; another may have taken the message before one
   * receives it. As everywhere here, it waits without a timeout, where Python's does not: that is
   * `{ timeout: 0 }`. One round trip.
   * @throws InvalidArgumentError where this end only sends; the signal's reason
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
   * Closes this end for everyone: the other end receives what was sent before, and then EndOfPipeError.
   * Nothing happens where it is closed already. One round trip.
   */
  close(): Promise<void> {
    return this.call(methods.close, { name: this.name, end: this.end }, nothing);
  }

  /**
   * Takes the messages one by one, waiting for each, until the end of the pipe. A fast loop fetches
   * several at once: those it did not reach go back to the head when it is left, or when its process
   * dies. Throws as {@link receive}.
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

  /** Ends the pipe, both ends of it; otherwise as of every object. */
  override async destroy(): Promise<boolean> {
    const destroyed = await super.destroy();
    this.#destroyed = true;
    return destroyed;
  }

  /** Closes this end; silent where the pipe is gone. */
  override async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#destroyed) await this.close();
  }

  /** This end as data: it can be stored, sent and logged, and carries no secret. */
  override toJSON(): Reference {
    return { ...super.toJSON(), end: this.end };
  }
}

function bound(capacity: number): number {
  if (Number.isInteger(capacity) && capacity >= 0 && capacity < 2 ** 32) return capacity;
  throw new InvalidArgumentError(`capacity is ${String(capacity)}: give a whole number, 0 or more`);
}
