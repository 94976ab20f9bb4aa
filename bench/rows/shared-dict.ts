import { agreed } from '../contender.js';
import { ourRemoteClients, ourThreads } from '../ours.js';
import { privateMaps, sharedMap } from '../peers/threads.js';
import type { Row } from '../row.js';
import type { DictOperation } from '../workers/keys.js';

/** Threads that read, or write, one dict in shared memory. */
export const sharedDict: readonly Row[] = [
  row('get', 1, 1_000_000),
  row('get', 2, 1_000_000),
  row('set', 1, 500_000),
  row('set', 2, 500_000),
];

function row(operation: DictOperation, threads: number, askedOfEach: number): Row {
  const asked = `asked ${askedOfEach.toLocaleString('en-US')} a second of each thread`;
  const [workers, clients] = threads === 1 ? ['one thread', 'one client process'] : [`${threads} threads`, `${threads} client processes`];
  return {
    name: `shared-dict-${operation}-${threads}`,
    partOf: 'shared-dict',
    unit: 'calls/s',
    work: `${workers}: sync.${operation}() over 10,000 string keys of one dict, small numbers as values (gRPC: ${clients} of a manager; sharedmap keeps the numbers as strings; limit: each thread with a Map of its own)`,
    targets: [{ against: [asked], atLeast: 1 }],
    awaited: false,
    warmUp: 500_000,
    start: async (scope) => ({
      ours: await ourThreads(scope, 'shared-dict', operation, String(threads)),
      peers: [
        await sharedMap(scope, threads, operation),
        await ourRemoteClients(scope, threads, 1, operation),
        await ourRemoteClients(scope, threads, 1_000, operation),
      ],
      limits: [await privateMaps(scope, threads, operation), agreed(asked, askedOfEach * threads)],
    }),
  };
}
