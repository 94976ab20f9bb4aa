import type { handleUnaryCall, sendUnaryData, ServerUnaryCall } from '@grpc/grpc-js';
import { Session } from '../../engine/core/session.js';
import { toJsonPayload } from '../../proto/codec/json.js';
import { PayloadTooLargeError, type ManagerError } from '../../proto/errors.js';
import type { Payload } from '../../proto/wire/values.js';
import { Reader } from '../../proto/wire/reader.js';
import { Writer } from '../../proto/wire/writer.js';
import { asManagerError, SessionCalls, type Outcomes, type Route } from '../../engine/core/calls.js';
import type { Method } from '../../proto/wire/codec.js';
import type { ServedManager } from '../manager.js';
import { failure } from './failure.js';

/** Header with which a caller asks for packed payloads unchanged; its value is then `packed`. */
const PAYLOADS_HEADER = 'commonhold-payloads';

/** Writes packed payloads as JSON, which people and clients in other languages can read. */
class ReadableWriter extends Writer {
  override payload(tag: number, value: Payload): void {
    super.payload(tag, toJsonPayload(value));
  }
}

/** Serves one method as a unary rpc. */
export function unary(route: Route, manager: ServedManager): handleUnaryCall<Buffer, Buffer> {
  return (call, done) => new UnaryCall(manager, route.method, call, done).start(route);
}

/** A call without a session: the only one of its own, which is not told of its end. A hold that it acquires is kept under its token, with a lease. */
class UnaryCall implements Outcomes {
  readonly #calls: SessionCalls;

  constructor(
    private readonly manager: ServedManager,
    private readonly method: Method,
    private readonly call: ServerUnaryCall<Buffer, Buffer>,
    private readonly done: sendUnaryData<Buffer>,
  ) {
    const session = new Session('', { label: `unary call from ${call.getPeer()}` });
    this.#calls = new SessionCalls(manager.engine, session, this, method.idempotency === 'read');
    call.on('cancelled', () => this.#calls.cancel(ID));
  }

  start(route: Route): void {
    const { manager, call } = this;
    manager.callsTotal++;
    try {
      if (manager.draining) throw manager.draining;
      assertSize('a request', call.request, manager.maxMessageBytes);
      const request = route.method.input.read(new Reader(call.request), call.request.length);
      manager.unaryCalls.add(this.#calls);
      this.#calls.start(ID, route, request);
    } catch (error) {
      this.fail(ID, asManagerError(error));
    }
  }

  answer(_id: number, method: Method, response: unknown): void {
    if (this.call.cancelled) return this.#giveBack();
    try {
      const answer = encode(this.call, method.output, response);
      assertSize('the answer', answer, this.manager.maxMessageBytes);
      this.manager.unaryCalls.delete(this.#calls);
      this.#calls.acknowledge(ID, undefined);
      this.done(null, answer);
    } catch (error) {
      this.#giveBack();
      this.fail(ID, asManagerError(error));
    }
  }

  fail(_id: number, error: ManagerError): void {
    this.manager.unaryCalls.delete(this.#calls);
    this.done(failure(error, this.method.name));
  }

  /** Gives back what an answer would have handed over that is not sent. */
  #giveBack(): void {
    this.manager.unaryCalls.delete(this.#calls);
    this.#calls.cancel(ID);
  }
}

/** The id of the only call. */
const ID = 1;

function assertSize(what: string, { length }: Buffer, most: number): void {
  if (length > most) throw new PayloadTooLargeError(`${what} of ${length} bytes: messages have ${most} at most (--max-payload)`);
}

function encode(call: ServerUnaryCall<Buffer, Buffer>, codec: Method['output'], response: unknown): Buffer {
  const packed = call.metadata.get(PAYLOADS_HEADER).includes('packed');
  const writer = packed ? new Writer() : new ReadableWriter();
  codec.write(writer, response);
  return writer.take();
}
