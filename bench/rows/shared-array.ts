import { present } from '../contender.js';
import { ourThreads } from '../ours.js';
import { pythonArray } from '../peers/python.js';
import { privateFloat64Array } from '../peers/threads.js';
import type { Row } from '../row.js';

/** An array in shared memory, read as a whole. */
export const sharedArray: Row = {
  name: 'shared-array',
  unit: 'reads/s',
  work: "one thread: the sum of 1,000,000 f64 through view, in elements read (Python, whose lock is not taken: sum() over the elements of Array('d') one by one, and over its memory as a memoryview of doubles; limit: a Float64Array that nobody shares)",
  targets: [],
  awaited: false,
  warmUp: 50_000_000,
  start: async (scope) => ({
    ours: await ourThreads(scope, 'shared-array'),
    peers: present(await pythonArray(scope, 'elements'), await pythonArray(scope, 'buffer')),
    limits: [await privateFloat64Array(scope)],
  }),
};
