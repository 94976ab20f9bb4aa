import { present } from '../contender.js';
import { ourDictClients } from '../ours.js';
import { ioredisClients, startRedis } from '../peers/redis.js';
import type { Contenders, Row } from '../row.js';
import type { Scope } from '../scope.js';

const WINDOW = 1_000;

export const concurrent: Row = {
  name: 'concurrent',
  unit: 'calls/s',
  work: 'one client, a sliding window of 1,000 calls, alternating set and get',
  targets: [{ against: ['ioredis', 'ioredis autopipelining'], atLeast: 4 }],
  awaited: false,
  warmUp: 50_000,
  start,
};

async function start(scope: Scope): Promise<Contenders> {
  const redis = await startRedis(scope);
  const load = { clients: 1, window: WINDOW };
  return {
    ours: await ourDictClients(scope, load.clients, load.window),
    peers: present(
      await ioredisClients(scope, redis, { mode: 'plain', ...load }),
      await ioredisClients(scope, redis, { mode: 'autopipelining', ...load }),
    ),
    limits: [],
  };
}
