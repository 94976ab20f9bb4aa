import { present } from '../contender.js';
import { ourThreads } from '../ours.js';
import { PYTHON_VALUE, pythonValue } from '../peers/python.js';
import { multithreadingMutex } from '../peers/threads.js';
import type { Row } from '../row.js';

const TARGETED = [1, 4];

/** A value in shared memory that threads add to under its lock. */
const locks = [1, 2, 4, 8].map((threads): Row => ({
  name: `shared-value-lock-${threads}`,
  partOf: 'shared-value',
  unit: 'locks/s',
  work: `${workers(threads)}: sync.lock(), value + 1, release, at one value of type i32 (Python: as many processes at a Value('i'), under get_lock()); the sum is checked`,
  targets: TARGETED.includes(threads) ? [{ against: [PYTHON_VALUE], atLeast: 10 }] : [],
  awaited: false,
  warmUp: 500_000,
  start: async (scope) => ({
    ours: await ourThreads(scope, 'shared-value', 'lock', String(threads)),
    peers: present(await pythonValue(scope, threads), await multithreadingMutex(scope, threads)),
    limits: [],
  }),
}));

/** The same additions by `add`. */
const adds = TARGETED.map((threads): Row => ({
  name: `shared-value-add-${threads}`,
  partOf: 'shared-value',
  unit: 'calls/s',
  work: `${workers(threads)}: sync.add(1) to one value of type i32 (Python, which has no such thing: as many processes at a Value('i'), under get_lock()); the sum is checked`,
  targets: [{ against: [PYTHON_VALUE], atLeast: 10 }],
  awaited: false,
  warmUp: 500_000,
  start: async (scope) => ({
    ours: await ourThreads(scope, 'shared-value', 'add', String(threads)),
    peers: present(await pythonValue(scope, threads)),
    limits: [],
  }),
}));

export const sharedValue: readonly Row[] = [...locks, ...adds];

function workers(threads: number): string {
  return threads === 1 ? 'one thread' : `${threads} threads`;
}
