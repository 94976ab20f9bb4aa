import { agreed, present } from '../contender.js';
import { ourWaiters } from '../ours.js';
import { pythonWaiters } from '../peers/python.js';
import { ioredisWaiters, startRedis } from '../peers/redis.js';
import type { Contenders, Row } from '../row.js';
import type { Scope } from '../scope.js';

const ALLOWED = 'allowed 4 KiB';
const WAITERS = 10_000;
const CLIENTS = 4;
/** Each takes a connection of its own, and in Python a thread at both ends. */
const REDIS_WAITERS = 1_000;
const PYTHON_WAITERS = 200;

export const waiters: Row = {
  name: 'waiters',
  unit: 'bytes',
  work: `growth of the daemon's memory for each of 10,000 calls of ${CLIENTS} clients that wait on one queue (peers: ${REDIS_WAITERS} connections of Redis, ${PYTHON_WAITERS} threads of Python)`,
  targets: [{ against: [ALLOWED], atLeast: 1 }],
  awaited: false,
  warmUp: 0,
  start,
};

async function start(scope: Scope): Promise<Contenders> {
  return {
    ours: ourWaiters(WAITERS, CLIENTS),
    peers: present(ioredisWaiters(await startRedis(scope), REDIS_WAITERS), pythonWaiters(scope, PYTHON_WAITERS)),
    limits: [agreed(ALLOWED, 4096)],
  };
}
