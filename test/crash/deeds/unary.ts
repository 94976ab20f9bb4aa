import { randomUUID } from 'node:crypto';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { ValueServiceAddRequestSchema, ValueServiceAddResponseSchema } from 'commonhold/proto';
import type { User } from '../../simulation/user.js';
import { unaryCall } from '../../support/grpc.js';

/** Counts by unary calls with a request id, as a program in another language does: a call without an answer is made again. */
export async function unary(user: User): Promise<unknown> {
  const { address } = user.manager;
  const delta = { kind: { case: 'number', value: 1 } } as const;
  const request = toBinary(ValueServiceAddRequestSchema, create(ValueServiceAddRequestSchema, { name: 'unary', delta }));
  const id = randomUUID();
  return user.call('unary', 'add', [1], async () => {
    for (;;) {
      const { response, status, message } = await unaryCall(address, 'commonhold.v1.ValueService/Add', request, undefined, {
        'commonhold-request-id': id,
      });
      if (status === 0) return sumOf(response!);
      // 14 is UNAVAILABLE; without a status the connection ended.
      if (status !== undefined && status !== 14) throw new Error(`a unary call failed with status ${status}: ${message}`);
      await user.pause(100);
    }
  });
}

function sumOf(response: Uint8Array): number {
  const { value } = fromBinary(ValueServiceAddResponseSchema, response);
  return Number(value?.kind.value);
}
