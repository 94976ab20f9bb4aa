import { toJsonPayload } from '../../proto/codec/json.js';
import { PayloadTooLargeError, type ManagerError } from '../../proto/errors.js';
import type { Stateful, StateOf } from '../../proto/state.js';
import type { Method } from '../../proto/wire/codec.js';
import { Reader } from '../../proto/wire/reader.js';
import type { Payload } from '../../proto/wire/values.js';
import { Writer } from '../../proto/wire/writer.js';
import { asManagerError, SessionCalls, type Outcomes, type Route } from '../core/calls.js';
import type { Restoring } from '../core/restoring.js';
import { Session } from '../core/session.js';
import type { UnaryRequest } from './inputs.js';
import type { MachineContext } from './context.js';

/** Writes packed payloads as JSON, which people and clients in other languages can read. */
class ReadableWriter extends Writer {
  override payload(tag: number, value: Payload): void {
    super.payload(tag, toJsonPayload(value));
  }
}

/** Gets the answer of a unary call, or its error. */
export type UnaryDone = (answer: Buffer | ManagerError) => void;

/** A call without a session: the only one of its own, which is not told of its end. A hold that it acquires is kept under its token, with a lease. */
export class UnaryCall implements Outcomes, Stateful {
  readonly #route: Route;
  readonly #caller: Session;
  readonly #calls: SessionCalls;

  constructor(
    private readonly machine: MachineContext,
    /** Number of the call in the machine. */
    private readonly number: number,
    private readonly request: Omit<UnaryRequest, 'bytes'>,
    private readonly done: UnaryDone,
  ) {
    this.#route = machine.routes[request.method]!;
    this.#caller = new Session('', { label: request.label });
    this.#calls = new SessionCalls(machine.engine, this.#caller, this, this.#route.method.idempotency === 'read');
  }

  state() {
    const { label, id, token, method, packed } = this.request;
    return { label, id, token, method, packed, calls: this.#calls.state() };
  }

  /** The engine has to restore the rest. */
  restore({ calls }: StateOf<UnaryCall>, restoring: Restoring): void {
    this.#calls.restore(calls, restoring);
  }

  /** Part of a turn. @param bytes the request message */
  start(bytes: Uint8Array): void {
    const { machine } = this;
    machine.callsTotal++;
    this.authorize();
    try {
      const refusal = machine.refusalOf(this.#route.method);
      if (refusal) throw refusal;
      assertSize('a request', bytes, machine.limits.maxMessageBytes);
      const { method } = this.#route;
      this.#calls.start(this.number, this.#route, method.input.read(new Reader(bytes), bytes.length), undefined, bytes.length);
    } catch (error) {
      this.fail(this.number, asManagerError(error));
    }
  }

  /** Gives its caller the rights that the token has now. Part of a turn. */
  authorize(): void {
    this.#caller.rights = this.machine.rightsOf(this.request.token);
  }

  /** Part of a turn. */
  cancel(): void {
    this.#calls.cancel(this.number);
  }

  answer(_id: number, method: Method, response: unknown): void {
    let answer: Buffer;
    try {
      answer = this.#encode(method, response);
    } catch (error) {
      // Gives back what the answer would have handed over.
      this.#calls.cancel(this.number);
      return this.fail(this.number, asManagerError(error));
    }
    this.#calls.acknowledge(this.number, undefined);
    this.done(answer);
  }

  #encode(method: Method, response: unknown): Buffer {
    const writer = this.request.packed ? new Writer() : new ReadableWriter();
    method.output.write(writer, response);
    const answer = writer.take();
    assertSize('the answer', answer, this.machine.limits.maxMessageBytes);
    return answer;
  }

  fail(_id: number, error: ManagerError): void {
    this.done(error);
  }

  /** Fails the call if it waits. Part of a turn. */
  failWaiting(reason: ManagerError): void {
    this.#calls.failWaiting(reason);
  }
}

function assertSize(what: string, { length }: Uint8Array, most: number): void {
  if (length > most) throw new PayloadTooLargeError(`${what} of ${length} bytes: messages have ${most} at most (--max-payload)`);
}
