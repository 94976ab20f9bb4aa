import type { sendUnaryData, ServerUnaryCall } from '@grpc/grpc-js';
import { executed, fromWire, toWire, type ManagerError } from '../../proto/errors.js';
import type { ServedManager, UnaryInProgress } from '../manager.js';
import type { Access } from '../access/tokens.js';
import { failure } from './failure.js';

/** Header with which a caller asks for packed payloads unchanged; its value is then `packed`. */
const PAYLOADS_HEADER = 'commonhold-payloads';
/** Header with the id of a request that the caller may send again. */
const REQUEST_ID_HEADER = 'commonhold-request-id';

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
    const request = { label: `unary call from ${call.getPeer()}`, id, token: access.token, method, bytes: call.request, packed };
    const { machine } = manager;
    const fail = (error: ManagerError): void => done(failure(error, name));
    if (manager.refusal !== undefined) return fail(manager.refusal);
    const inProgress: UnaryInProgress = {
      access,
      // The change may be in the log, although its answer was not sent.
      fail: (error) => fail(idempotency === 'read' ? error : executed(copyOf(error))),
      cancel() {
        manager.unaryCalls.delete(inProgress);
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
        manager.inFlight.moved(answer.length);
      });
    });
    call.on('cancelled', () => inProgress.cancel());
  };
}

function copyOf(error: ManagerError): ManagerError {
  return fromWire(toWire(error));
}
