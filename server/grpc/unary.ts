import type { handleUnaryCall } from '@grpc/grpc-js';
import type { ServedManager } from '../manager.js';
import { failure } from './failure.js';

/** Header with which a caller asks for packed payloads unchanged; its value is then `packed`. */
const PAYLOADS_HEADER = 'commonhold-payloads';
/** Header with the id of a request that the caller may send again. */
const REQUEST_ID_HEADER = 'commonhold-request-id';

/**
 * Serves one method as a unary rpc.
 * @param method its index among the machine's routes
 */
export function unary(manager: ServedManager, method: number): handleUnaryCall<Buffer, Buffer> {
  const { machine } = manager;
  const { name } = machine.routes[method]!.method;
  return (call, done) => {
    // Its caller has gone already.
    if (call.cancelled) return;
    const packed = call.metadata.get(PAYLOADS_HEADER).includes('packed');
    const id = call.metadata.get(REQUEST_ID_HEADER)[0]?.toString();
    const request = { label: `unary call from ${call.getPeer()}`, id, method, bytes: call.request, packed };
    const number = machine.call(request, (answer) => {
      manager.release(() => {
        if (answer instanceof Error) done(failure(answer, name));
        else done(null, answer);
      });
    });
    call.on('cancelled', () => machine.cancel(number));
  };
}
