import { present } from '../contender.js';
import { ourDictClients } from '../ours.js';
import { ioredisClients, startRedis } from '../peers/redis.js';
import type { Contenders, Row } from '../row.js';
import type { Scope } from '../scope.js';

const PROCESSES = 4;
const WINDOW = 100;

export const workers: Row = {
  name: 'workers',
  unit: 'calls/s',
  work: `${PROCESSES} client processes, a sliding window of ${WINDOW} calls each, alternating set and get`,
  targets: [{ against: ['ioredis', 'ioredis autopipelining'], atLeast: 3 }],
  awaited: false,
  warmUp: 50_000 * PROCESSES,
  start,
};

async function start(scope: Scope): Promise<Contenders> {
  const redis = await startRedis(scope);
  const load = { clients: PROCESSES, window: WINDOW };
  return {
    ours: await ourDictClients(scope, load.clients, load.window),
    peers: present(
      await ioredisClients(scope, redis, { mode: 'plain', ...load }),
      await ioredisClients(scope, redis, { mode: 'autopipelining', ...load }),
    ),
    limits: [],
  };
}
