import { ourRemoteClients, ourThreads } from '../ours.js';
import { privateArray } from '../peers/threads.js';
import type { Row } from '../row.js';
import type { ListOperation } from '../workers/sequence.js';

/** One thread that reads, or appends to, a list in shared memory. */
export const sharedList: readonly Row[] = [
  row('at', 'sync.at() over 10,000 numbers of one list'),
  row('push', 'sync.push() of a number to one list, which is cleared at 100,000'),
];

function row(operation: ListOperation, what: string): Row {
  return {
    name: `shared-list-${operation}`,
    partOf: 'shared-list',
    unit: 'calls/s',
    work: `one thread: ${what} (gRPC: one client process of a manager)`,
    targets: [],
    awaited: false,
    warmUp: 500_000,
    start: async (scope) => ({
      ours: await ourThreads(scope, 'shared-list', operation),
      peers: [await ourRemoteClients(scope, 1, 1, operation), await ourRemoteClients(scope, 1, 1_000, operation)],
      limits: [await privateArray(scope, operation)],
    }),
  };
}
