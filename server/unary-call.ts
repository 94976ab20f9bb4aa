import type { UnaryRequest } from '../engine/machine/inputs.js';
import { CancelledError, executed, fromWire, toWire, type ManagerError } from '../proto/errors.js';
import { parseTraceparent } from '../proto/trace-context.js';
import type { Access } from './access/tokens.js';
import type { ServedManager, UnaryInProgress } from './manager.js';
import type { CallOrigin } from './observation/calls.js';
import { spanOf } from './observation/tracer.js';

/** Header with which a caller asks for packed payloads unchanged; its value is then `packed`. */
export const PAYLOADS_HEADER = 'commonhold-payloads';
/** Header with the id of a request that the caller may send again. */
export const REQUEST_ID_HEADER = 'commonhold-request-id';
/** Header with the trace of which the call is part (W3C Trace Context). */
export const TRACE_HEADER = 'traceparent';

/** The client of a call without a session. */
export interface UnaryCaller {
  readonly access: Access;
  readonly origin: CallOrigin;
  /** Its address. */
  readonly peer: string;
  /** Its header with a trace. */
  readonly trace: string | undefined;
}

/**
 * Makes a call without a session, whichever protocol brought it. Returns a function that gives it up.
 * @param done called with the answer once that is durable, or with the error; not called for a call that was given up before
 */
export function startUnaryCall(
  manager: ServedManager,
  request: Omit<UnaryRequest, 'token' | 'label'>,
  { access, origin, peer, trace }: UnaryCaller,
  done: (answer: Buffer | ManagerError) => void,
): () => void {
  const { machine, calls, tracer } = manager;
  const { name, idempotency } = machine.routes[request.method]!.method;
  const endSpan = spanOf(tracer, parseTraceparent(trace ?? ''), name, peer);
  calls.received += request.bytes.length;
  const fail = (error: ManagerError): void => {
    calls.failed(error, origin);
    endSpan?.(error);
    done(error);
  };
  if (manager.refusal !== undefined) {
    fail(manager.refusal);
    return () => {};
  }
  const inProgress: UnaryInProgress = {
    access,
    // The change may be in the log, although its answer was not sent.
    fail: (error) => fail(idempotency === 'read' ? error : executed(copyOf(error))),
    cancel() {
      if (manager.unaryCalls.delete(inProgress)) endSpan?.(new CancelledError('cancelled by the caller'));
      // Another machine does not know it.
      if (machine === manager.machine) machine.cancel(number);
    },
  };
  manager.unaryCalls.add(inProgress);
  const number = machine.call({ ...request, label: origin.label, token: access.token }, (answer) => {
    manager.release(() => {
      // The manager has failed it meanwhile.
      if (!manager.unaryCalls.delete(inProgress)) return;
      if (answer instanceof Error) return fail(answer);
      done(answer);
      endSpan?.();
      manager.inFlight.moved(answer.length);
      calls.sent += answer.length;
    });
  });
  return () => inProgress.cancel();
}

function copyOf(error: ManagerError): ManagerError {
  return fromWire(toWire(error));
}
