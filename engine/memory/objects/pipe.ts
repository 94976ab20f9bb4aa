import type { CallContext, Caller, HandedOver, Handlers, SessionResource } from '../../../proto/contract.js';
import {
  ClosedError,
  EndOfPipeError,
  InvalidArgumentError,
  OptionsConflictError,
  TimeoutError,
  type NotFoundError,
} from '../../../proto/errors.js';
import type {
  PipeService,
  PipeServicePollResponse as Polled,
  PipeServiceReceiveResponse as Received,
  PipeServiceSendResponse as Sent,
} from '../../../proto/gen/commonhold/v1/pipe_wire.js';
import type { State, Stateful, StateOf } from '../../../proto/state.js';
import type { Payload } from '../../../proto/wire/values.js';
import type { Future } from '../../core/future.js';
import { ended, type Late } from '../../core/late.js';
import type { Restoring } from '../../core/restoring.js';
import { callerState } from '../../core/state.js';
import { compact } from '../collections/bytes.js';
import { Deque } from '../collections/deque.js';
import { SharedObject, type Keyspace, type ObjectKind } from '../lifetime/keyspace.js';
import { WaitList, nothing } from '../locking/waiters.js';
import type { Clock } from '../../core/clock.js';

/** Default of the maximum number of messages on their way to an end. */
const CAPACITY = 1000;

/** Two ends. A message sent on one is received on the other, as in Python's Pipe. */
export class MemoryPipe extends SharedObject {
  readonly kind = 'pipe';
  readonly ends: readonly [End, End];

  constructor(
    clock: Clock,
    name: string,
    readonly duplex: boolean,
    readonly capacity: number,
  ) {
    super(name);
    this.ends = [new End(clock, this, 0), new End(clock, this, 1)];
  }

  get size(): number {
    return this.ends[0].size + this.ends[1].size;
  }

  override get waiters(): number {
    return this.ends[0].waiters + this.ends[1].waiters;
  }

  override options(): Record<string, string> {
    const closed = this.ends.filter((end) => end.closed).map((end) => end.number);
    return { duplex: String(this.duplex), capacity: String(this.capacity), closed: closed.join(' and ') };
  }

  override state() {
    const { duplex, capacity, ends } = this;
    return { duplex, capacity, ends: ends.map((end) => end.state()) };
  }

  override restore({ ends }: StateOf<MemoryPipe>, restoring: Restoring): void {
    for (const end of this.ends) end.restore(ends[end.number]!, restoring);
  }

  override destroyed(gone: () => NotFoundError): void {
    for (const end of this.ends) end.destroyed(gone);
  }
}

/** One end: the messages on their way to it, and the calls that wait at it. */
class End implements SessionResource, Stateful {
  readonly #messages = new Deque<Payload>();
  /** Calls that wait for messages, each with the maximum number that it takes. While calls wait, there are no messages. */
  readonly #receivers: WaitList<number, Received>;
  /** Calls that wait until there is a message, without taking it. */
  readonly #pollers: WaitList<void, Polled>;
  /** Calls that wait to send on this end. While calls wait, the other end is full. */
  readonly #senders: WaitList<Payload, Sent>;
  /** Reason for which the end is closed; undefined while it is open. */
  #closed: string | undefined;
  /** The session whose resource the end is. Undefined until a session has used the end. */
  #owner: Caller | undefined;

  constructor(
    clock: Clock,
    readonly pipe: MemoryPipe,
    readonly number: 0 | 1,
  ) {
    this.#receivers = new WaitList(clock);
    this.#pollers = new WaitList(clock);
    this.#senders = new WaitList(clock);
  }

  get closed(): boolean {
    return this.#closed !== undefined;
  }

  get size(): number {
    return this.#messages.length;
  }

  get waiters(): number {
    return this.#receivers.size + this.#pollers.size + this.#senders.size;
  }

  state() {
    return {
      // A closed end has no owner.
      owner: this.#owner === undefined || this.closed ? undefined : callerState(this.#owner),
      closed: this.#closed,
      messages: this.#messages.slice(0, this.#messages.length),
      receivers: this.#receivers.state((most) => most),
      pollers: this.#pollers.state(nothing),
      senders: this.#senders.state((message) => message),
    };
  }

  restore({ owner, closed, messages, receivers, pollers, senders }: StateOf<End>, restoring: Restoring): void {
    if (owner !== undefined) {
      this.#owner = restoring.caller(owner);
      this.#owner.holds.add(this);
    }
    this.#closed = closed;
    this.#messages.pushAll(messages);
    this.#receivers.restore(receivers, restoring);
    this.#pollers.restore(pollers, restoring);
    this.#senders.restore(senders, restoring);
  }

  /** Makes the session the owner of the end, unless it has one. The end closes with its owner. */
  open(session: Caller): void {
    this.#assertOpen();
    // A unary call has no session, and cannot own the end.
    if (this.#owner !== undefined || session.id === '') return;
    session.holds.add(this);
    this.#owner = session;
  }

  abandon(): void {
    this.#end('ended with the session that owned it');
  }

  identity(): State {
    return ['end of a pipe', this.pipe.name, this.number];
  }

  send(message: Payload, context: CallContext, timeoutMs: number | undefined): Sent | Future<Sent> {
    this.#assertOpen();
    if (!this.pipe.duplex && this.number === 0) throw this.#wrongWay('only receives: send on end 1');
    this.open(context.session);
    if (this.#other.closed) throw this.#other.#unreachable();
    if (!this.#other.#hasRoom) return this.#senders.wait(context, compact(message), timeoutMs, (_message, late) => this.#full(late));
    this.#other.#arrive(compact(message));
    return SENT;
  }

  /** Sends a message of a dump: on behalf of no session, and although there may be no room. */
  restoreSent(message: Payload): Sent {
    this.#assertOpen();
    if (this.#other.closed) throw this.#other.#unreachable();
    this.#other.#arrive(compact(message));
    return SENT;
  }

  receive(most: number, context: CallContext, timeoutMs: number | undefined): Received | Future<Received> {
    this.#assertReceives();
    this.open(context.session);
    if (this.#messages.length > 0) {
      const received = this.#handOver(most, context);
      this.#admit();
      return received;
    }
    if (this.#other.closed) throw this.#drained();
    return this.#receivers.wait(
      context,
      most,
      timeoutMs,
      (_most, late) => new TimeoutError(`no message for ${this.#words}${ended(late, 'none came')}`, this.#object),
    );
  }

  poll(context: CallContext, timeoutMs: number | undefined): Polled | Future<Polled> {
    this.#assertReceives();
    if (this.#messages.length > 0 || this.#other.closed) return READY;
    if (timeoutMs === 0) return NOT_READY;
    return this.#pollers.wait(context, undefined, timeoutMs).then(undefined, (error: unknown) => {
      if (error instanceof TimeoutError) return NOT_READY;
      throw error;
    });
  }

  close(): void {
    if (!this.closed) this.#end('was closed');
  }

  /** Called when the pipe was destroyed: fails all waits. */
  destroyed(gone: () => NotFoundError): void {
    this.#owner?.holds.delete(this);
    for (const list of [this.#receivers, this.#pollers, this.#senders]) list.failAll(gone);
  }

  get #other(): End {
    return this.pipe.ends[this.number === 0 ? 1 : 0];
  }

  get #hasRoom(): boolean {
    return this.pipe.capacity === 0 || this.#messages.length < this.pipe.capacity;
  }

  /** Adds a message from the other end, and serves the calls that wait for one. */
  #arrive(message: Payload): void {
    this.pipe.links.add(message);
    this.#messages.push(message);
    this.#serve();
  }

  #serve(): void {
    for (let receiver = this.#receivers.first; receiver !== undefined && this.#messages.length > 0; receiver = this.#receivers.first) {
      receiver.succeed(this.#handOver(receiver.want, receiver.context));
    }
    if (this.#messages.length > 0) this.#tellPollers();
  }

  #tellPollers(): void {
    while (this.#pollers.first) this.#pollers.first.succeed(READY);
  }

  /** Accepts messages of calls that wait at the other end, as far as there is room. */
  #admit(): void {
    const senders = this.#other.#senders;
    for (let sender = senders.first; sender !== undefined && this.#hasRoom; sender = senders.first) {
      this.#arrive(sender.want);
      sender.succeed(SENT);
    }
  }

  #handOver(most: number, context: CallContext): Received {
    const messages = this.#messages.shiftMany(most);
    for (const message of messages) this.pipe.links.remove(message);
    context.handOver(new HandedMessages(this, messages));
    return { messages };
  }

  /** Puts messages of a response that was not acknowledged back at the front. */
  regain(messages: readonly Payload[]): void {
    if (this.closed) return;
    for (const message of messages) this.pipe.links.add(message);
    this.#messages.unshiftAll(messages);
    this.#serve();
  }

  #end(how: string): void {
    this.#closed = how;
    this.#owner?.holds.delete(this);
    for (const message of this.#messages.slice(0, this.#messages.length)) this.pipe.links.remove(message);
    this.#messages.replace([]);
    for (const list of [this.#receivers, this.#pollers, this.#senders]) list.failAll(() => this.#unusable());
    const other = this.#other;
    other.#senders.failAll(() => this.#unreachable());
    other.#receivers.failAll(() => other.#drained());
    other.#tellPollers();
  }

  #assertOpen(): void {
    if (this.closed) throw this.#unusable();
  }

  #assertReceives(): void {
    this.#assertOpen();
    if (!this.pipe.duplex && this.number === 1) throw this.#wrongWay('only sends: receive on end 0');
  }

  get #words(): string {
    return `end ${this.number} of the pipe "${this.pipe.name}"`;
  }

  get #object(): { object: string } {
    return { object: this.pipe.name };
  }

  #unusable(): ClosedError {
    return new ClosedError(`${this.#words} ${this.#closed}`, this.#object);
  }

  #unreachable(): EndOfPipeError {
    return new EndOfPipeError(`the message would not be received: ${this.#words} ${this.#closed}`, this.#object);
  }

  #drained(): EndOfPipeError {
    return new EndOfPipeError(`no more messages for ${this.#words}: the other end ${this.#other.#closed}`, this.#object);
  }

  #wrongWay(what: string): InvalidArgumentError {
    return new InvalidArgumentError(`${this.#words} ${what}, or make the pipe with duplex`, this.#object);
  }

  #full(late: Late): TimeoutError {
    const text = `${this.pipe.capacity} messages wait at the other end of ${this.#words}, which is full${ended(late, 'there was no room')}`;
    return new TimeoutError(text, this.#object);
  }
}

/** The messages that a response hands over. */
export class HandedMessages implements HandedOver {
  constructor(
    private readonly end: End,
    private readonly messages: readonly Payload[],
  ) {}

  giveBack(taken: number): void {
    this.end.regain(this.messages.slice(taken));
  }

  state() {
    const { pipe, number } = this.end;
    return { handed: 'messages', pipe: pipe.name, ended: pipe.links.ended, end: number, messages: this.messages } as const;
  }
}

const SENT: Sent = {};
const READY: Polled = { ready: true };
const NOT_READY: Polled = { ready: false };

const pipeKind: ObjectKind<MemoryPipe> = { kind: 'pipe', make: (name, { clock }) => new MemoryPipe(clock, name, true, CAPACITY) };

export function pipeHandlers(keyspace: Keyspace): Handlers<typeof PipeService> {
  const endOf = ({ name, end }: { name: string; end: number }, context: CallContext): End => {
    const number = checked(end, name);
    return keyspace.open(pipeKind, name, context).ends[number];
  };
  return {
    open(request, context) {
      const { name, duplex, capacity, end } = request;
      const number = end === undefined ? undefined : checked(end, name);
      const make = (): MemoryPipe => new MemoryPipe(keyspace.clock, name, duplex ?? true, capacity ?? CAPACITY);
      const { object, created } = keyspace.create({ kind: 'pipe', make }, request, context);
      if (duplex !== undefined && object.duplex !== duplex) {
        throw new OptionsConflictError(`"${name}" is a pipe with duplex: ${object.duplex}, not ${duplex}`, { object: name });
      }
      if (capacity !== undefined && object.capacity !== capacity) {
        throw new OptionsConflictError(`"${name}" has the capacity ${object.capacity}, not ${capacity}`, { object: name });
      }
      if (number !== undefined) object.ends[number].open(context.session);
      return { created };
    },

    send(request, context) {
      const { message, timeoutMs, restores } = request;
      const end = endOf(request, context);
      return restores ? end.restoreSent(message) : end.send(message, context, timeoutMs);
    },

    receive: (request, context) => endOf(request, context).receive(request.max || 1, context, request.timeoutMs),

    poll: (request, context) => endOf(request, context).poll(context, request.timeoutMs),

    close({ name, end }) {
      const number = checked(end, name);
      // Only looks the pipe up: to leave a pipe that has ended must not make a new one.
      keyspace.find(pipeKind, name)?.ends[number].close();
      return {};
    },
  };
}

function checked(end: number, name: string): 0 | 1 {
  if (end === 0 || end === 1) return end;
  throw new InvalidArgumentError(`end ${end}: a pipe has the ends 0 and 1`, { object: name });
}
