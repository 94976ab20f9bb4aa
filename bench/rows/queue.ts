import { present } from '../contender.js';
import { ourQueue } from '../ours.js';
import { PYTHON_MANAGER_QUEUE, PYTHON_QUEUE, pythonQueue } from '../peers/python.js';
import { ioredisQueue, startRedis } from '../peers/redis.js';
import type { Contenders, Row } from '../row.js';
import type { Scope } from '../scope.js';
import { ITEM } from '../workers/load.js';

export const queue: Row = {
  name: 'queue',
  unit: 'items/s',
  work: 'one producer process to one consumer process, one 64-byte string a call, 1,000 puts in flight, counted at the consumer',
  targets: [
    { against: [PYTHON_MANAGER_QUEUE], atLeast: 20 },
    { against: [PYTHON_QUEUE], atLeast: 2 },
    { against: ['ioredis', 'ioredis autopipelining'], atLeast: 2 },
  ],
  awaited: false,
  warmUp: 100_000,
  start,
};

async function start(scope: Scope): Promise<Contenders> {
  const redis = await startRedis(scope);
  const items = { type: 'text', length: ITEM.length } as const;
  return {
    ours: await ourQueue(scope),
    peers: present(
      await pythonQueue(scope, 'manager', items),
      await pythonQueue(scope, 'multiprocessing', items),
      await ioredisQueue(scope, redis, 'plain'),
      await ioredisQueue(scope, redis, 'autopipelining'),
    ),
    limits: [],
  };
}
