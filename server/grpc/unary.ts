import type { handleUnaryCall, sendUnaryData, ServerUnaryCall } from '@grpc/grpc-js';
import { Session } from '../../engine/core/session.js';
import { toJsonPayload } from '../../proto/codec/json.js';
import type { CallContext } from '../../proto/contract.js';
import { CancelledError, PayloadTooLargeError } from '../../proto/errors.js';
import type { Payload } from '../../proto/wire/values.js';
import { Reader } from '../../proto/wire/reader.js';
import { Writer } from '../../proto/wire/writer.js';
import { asManagerError, type Route } from '../../engine/core/calls.js';
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

/** A call without a session. A hold that it acquires is kept under its token, with a lease. */
class UnaryCall implements CallContext {
  readonly session: Session;
  cancel: ((reason: Error) => void) | undefined;
  giveBack: ((taken: number) => void) | undefined;
  settled: (() => void) | undefined;

  constructor(
    peer: string,
    readonly readOnly: boolean,
  ) {
    this.session = new Session('', { label: `unary call from ${peer}` });
  }

  handOver(giveBack: (taken: number) => void, settled?: () => void): void {
    this.giveBack = giveBack;
    this.settled = settled;
  }
}

/** Serves one method as a unary rpc. */
export function unary({ method, handler }: Route, manager: ServedManager): handleUnaryCall<Buffer, Buffer> {
  const serve = async (call: ServerUnaryCall<Buffer, Buffer>, done: sendUnaryData<Buffer>): Promise<void> => {
    const context = new UnaryCall(call.getPeer(), method.idempotency === 'read');
    manager.callsTotal++;
    call.on('cancelled', () => {
      context.cancel?.(new CancelledError('cancelled by the caller'));
      context.giveBack?.(0);
    });
    try {
      if (manager.draining) throw manager.draining;
      assertSize('a request', call.request, manager.maxMessageBytes);
      const request = method.input.read(new Reader(call.request), call.request.length);
      manager.unaryCalls.add(context);
      const response = await handler(request, context);
      if (call.cancelled) return context.giveBack?.(0);
      const answer = encode(call, method.output, response);
      assertSize('the answer', answer, manager.maxMessageBytes);
      context.giveBack = undefined;
      context.settled?.();
      done(null, answer);
    } catch (error) {
      context.giveBack?.(0);
      done(failure(asManagerError(error), method.name));
    } finally {
      manager.unaryCalls.delete(context);
    }
  };
  return (call, done) => void serve(call, done);
}

function assertSize(what: string, { length }: Buffer, most: number): void {
  if (length > most) throw new PayloadTooLargeError(`${what} of ${length} bytes: messages have ${most} at most (--max-payload)`);
}

function encode(call: ServerUnaryCall<Buffer, Buffer>, codec: Route['method']['output'], response: unknown): Buffer {
  const packed = call.metadata.get(PAYLOADS_HEADER).includes('packed');
  const writer = packed ? new Writer() : new ReadableWriter();
  codec.write(writer, response);
  return writer.take();
}
