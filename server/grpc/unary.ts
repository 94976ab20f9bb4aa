import type { sendUnaryData, ServerUnaryCall } from '@grpc/grpc-js';
import type { ServedManager } from '../manager.js';
import type { CallOrigin } from '../observation/calls.js';
import type { Access } from '../access/tokens.js';
import { PAYLOADS_HEADER, REQUEST_ID_HEADER, startUnaryCall, TRACE_HEADER } from '../unary-call.js';
import { failure } from './failure.js';

/**
 * Serves one method as a unary rpc.
 * @param method its index among the machine's routes
 */
export function unary(
  manager: ServedManager,
  method: number,
): (call: ServerUnaryCall<Buffer, Buffer>, done: sendUnaryData<Buffer>, access: Access) => void {
  const { name } = manager.machine.routes[method]!.method;
  return (call, done, access) => {
    // Its caller has gone already.
    if (call.cancelled) return;
    const header = (key: string): string | undefined => call.metadata.get(key)[0]?.toString();
    const packed = call.metadata.get(PAYLOADS_HEADER).includes('packed');
    const request = { id: header(REQUEST_ID_HEADER), method, bytes: call.request, packed };
    const caller = { access, origin: callerOf(call, access), peer: call.getPeer(), trace: header(TRACE_HEADER) };
    const cancel = startUnaryCall(manager, request, caller, (answer) => {
      if (answer instanceof Error) done(failure(answer, name));
      else done(null, answer);
    });
    call.on('cancelled', cancel);
  };
}

/** Returns the client of a unary call, which has no session. */
export function callerOf(call: Pick<ServerUnaryCall<Buffer, Buffer>, 'getPeer'>, { token }: Access): CallOrigin {
  return { sessionId: '', label: `unary call from ${call.getPeer()}`, token };
}
