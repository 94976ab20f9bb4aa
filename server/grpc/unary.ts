import type { sendUnaryData, ServerUnaryCall } from '@grpc/grpc-js';
import { CancelledError, executed, fromWire, toWire, type ManagerError } from '../../proto/errors.js';
import type { ServedManager, UnaryInProgress } from '../manager.js';
import { parseTraceparent } from '../../proto/trace-context.js';
import { spanOf } from '../observation/tracer.js';
import type { CallOrigin } from '../observation/calls.js';
import type { Access } from '../access/tokens.js';
import { failure } from './failure.js';

/** Header with which a caller asks for packed payloads unchanged; its value is then `packed`. */
const PAYLOADS_HEADER = 'commonhold-payloads';
/** Header with the id of a request that the caller may send again. */
const REQUEST_ID_HEADER = 'commonhold-request-id';
/** Header with the trace of which the call is part (W3C Trace Context). */
const TRACE_HEADER = 'traceparent';

/**
 * Serves one method as a unary rpc.
 * @param method its index among the machine's routes
 */
export function unary(
  manager: ServedManager,
  method: number,
): (call: ServerUnaryCall<Buffer, Buffer>, done: sendUnaryData<Buffer>, access: Access) => void {
  const { name, idempotency } = manager.machine.routes[method]!.method;
  return (call, done, access) => {
    // Its caller has gone already.
    if (call.cancelled) return;
    const packed = call.metadata.get(PAYLOADS_HEADER).includes('packed');
    const id = call.metadata.get(REQUEST_ID_HEADER)[0]?.toString();
    const caller = callerOf(call, access);
    const request = { label: caller.label, id, token: access.token, method, bytes: call.request, packed };
    manager.calls.received += call.request.length;
    const { machine, tracer } = manager;
    const endSpan = spanOf(tracer, parseTraceparent(call.metadata.get(TRACE_HEADER)[0]?.toString() ?? ''), name, call.getPeer());
    const fail = (error: ManagerError): void => {
      manager.calls.failed(error, caller);
      endSpan?.(error);
      done(failure(error, name));
    };
    if (manager.refusal !== undefined) return fail(manager.refusal);
    const inProgress: UnaryInProgress = {
      access,
      // The change may be in the log, although its answer was not sent.
      fail: (error) => fail(idempotency === 'read' ? error : executed(copyOf(error))),
      cancel() {
        manager.unaryCalls.delete(inProgress);
        endSpan?.(new CancelledError('cancelled by the caller'));
        // Another machine does not know it.
        if (machine === manager.machine) machine.cancel(number);
      },
    };
    manager.unaryCalls.add(inProgress);
    const number = machine.call(request, (answer) => {
      manager.release(() => {
        // The manager has failed it meanwhile.
        if (!manager.unaryCalls.delete(inProgress)) return;
        if (answer instanceof Error) return fail(answer);
        done(null, answer);
        endSpan?.();
        manager.inFlight.moved(answer.length);
        manager.calls.sent += answer.length;
      });
    });
    call.on('cancelled', () => inProgress.cancel());
  };
}

/** Returns the client of a unary call, which has no session. */
export function callerOf(call: Pick<ServerUnaryCall<Buffer, Buffer>, 'getPeer'>, { token }: Access): CallOrigin {
  return { sessionId: '', label: `unary call from ${call.getPeer()}`, token };
}

function copyOf(error: ManagerError): ManagerError {
  return fromWire(toWire(error));
}
