import { present } from '../contender.js';
import { bareFlushes, ourBytes, ourDurableClients, ourRecovery, ourSlowReads } from '../durable.js';
import { ioredisClients, startRedis } from '../peers/redis.js';
import type { Row } from '../row.js';

/** Entries of the rows about a large state. */
const ENTRIES = 1_000_000;

/** Each call is on the disk before its answer. */
export const durable: readonly Row[] = [
  kept('durable', 'a sliding window of 100 calls', 1, 100),
  kept('durable-await', 'one awaited call at a time', 1, 1),
  kept('durable-workers', 'a sliding window of 100 calls each', 4, 100),
];

function kept(name: string, load: string, clients: number, window: number): Row {
  return {
    name,
    ...(name === 'durable' ? {} : { partOf: 'durable' }),
    unit: 'calls/s',
    work: `${clients === 1 ? 'one client' : `${clients} clients`}, ${load}, alternating set and get, on the disk before each answer`,
    targets: name === 'durable' ? [{ against: ['ioredis', 'ioredis autopipelining'], atLeast: 3 }] : [],
    awaited: false,
    warmUp: 5_000,
    async start(scope) {
      const redis = await startRedis(scope, true);
      return {
        ours: await ourDurableClients(scope, clients, window),
        peers: present(
          await ioredisClients(scope, redis, { mode: 'plain', clients, window }),
          await ioredisClients(scope, redis, { mode: 'autopipelining', clients, window }),
        ),
        limits: [await bareFlushes(scope, clients, window)],
      };
    },
  };
}

/** Growth of the log. */
export const durableBytes: readonly Row[] = [1, 100].map((window) => ({
  name: `durable-bytes-${window}`,
  partOf: 'durable-bytes',
  unit: 'bytes',
  work: `bytes of the log for each set of a number, ${window === 1 ? 'one awaited call at a time' : `a sliding window of ${window} calls`}`,
  targets: [],
  awaited: false,
  warmUp: 0,
  start: (scope) => Promise.resolve({ ours: ourBytes(scope, window), peers: [], limits: [] }),
}));

/** A start with a large state. */
export const recovery: readonly Row[] = (['snapshot', 'log'] as const).map((how) => ({
  name: `recovery-${how}`,
  partOf: 'recovery',
  unit: 'ms',
  work: `from the call of Manager.start() to the first answer, with a dict of 1,000,000 entries from ${how === 'log' ? 'the log alone' : 'a snapshot'}`,
  targets: [],
  awaited: false,
  warmUp: 0,
  start: async (scope) => ({ ours: await ourRecovery(scope, ENTRIES, how), peers: [], limits: [] }),
}));

const QUIET = 'without snapshots';

/** Reads while snapshots are written. */
export const snapshotPause: Row = {
  name: 'snapshot-pause',
  unit: 'µs',
  work: 'the slowest of a hundred awaited reads of a dict of 1,000,000 entries, beside 20 writes in flight, while snapshots are written',
  targets: [{ against: [QUIET], atLeast: 0.5 }],
  awaited: false,
  warmUp: 0,
  start: async (scope) => ({
    ours: await ourSlowReads(scope, ENTRIES, true),
    peers: [],
    limits: [await ourSlowReads(scope, ENTRIES, false)],
  }),
};
