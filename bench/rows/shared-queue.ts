import { present } from '../contender.js';
import { ourThreadQueue } from '../ours.js';
import { PYTHON_QUEUE, pythonQueue } from '../peers/python.js';
import { MESSAGE_PORT, messagePortQueue, multithreadingChannel, ringbuf } from '../peers/threads.js';
import type { Row } from '../row.js';
import type { ItemType } from '../workers/items.js';
import { QUEUE_CAPACITY } from '../workers/pair.js';

const TARGETS: Row['targets'] = [
  { against: [MESSAGE_PORT], atLeast: 3 },
  { against: [PYTHON_QUEUE], atLeast: 10 },
];
const RINGBUF =
  'ringbuf.js is for one producer and one consumer: its items are of one length, copied into one array, and whoever has to wait polls';

/** Items from one thread to another, one per call, through a queue in shared memory. */
export const sharedQueue: readonly Row[] = [
  row('bytes', 'bytes', 64, `64-byte Uint8Array (${RINGBUF}; multithreading carries JSON alone)`, TARGETS),
  row(
    'text',
    'text',
    64,
    '64-character string (the channel of multithreading is given 64 MiB: by default it cannot hold as many)',
    TARGETS,
  ),
  row('8', 'bytes', 8, '8-byte Uint8Array', []),
  row('1k', 'bytes', 1024, '1 KiB Uint8Array', []),
  row('64k', 'bytes', 64 * 1024, '64 KiB Uint8Array', []),
];

function row(suffix: string, type: ItemType, length: number, item: string, targets: Row['targets']): Row {
  return {
    name: `shared-queue-${suffix}`,
    partOf: 'shared-queue',
    unit: 'items/s',
    work: `a producer thread to a consumer thread, blocking, capacity 1,024, one item a call, counted and checked at the consumer: ${item}`,
    targets,
    awaited: false,
    warmUp: 100_000,
    start: async (scope) => ({
      ours: await ourThreadQueue(scope, type, length),
      peers: present(
        await messagePortQueue(scope, type, length),
        await pythonQueue(scope, 'multiprocessing', { type, length, capacity: QUEUE_CAPACITY }),
        await (type === 'bytes' ? ringbuf(scope, length) : multithreadingChannel(scope, type, length)),
      ),
      limits: [],
    }),
  };
}
