import { present } from '../contender.js';
import { ourDictClients } from '../ours.js';
import { http2PingPong, PING_PONG } from '../peers/http2.js';
import { pythonDict } from '../peers/python.js';
import { ioredisClients, startRedis } from '../peers/redis.js';
import type { Contenders, Row } from '../row.js';
import type { Scope } from '../scope.js';

export const sequential: Row = {
  name: 'sequential',
  unit: 'calls/s',
  work: 'one client, unix socket, alternating awaited set and get of scalars in one dict',
  targets: [{ against: [PING_PONG], atLeast: 0.8 }],
  awaited: true,
  warmUp: 50_000,
  start,
};

async function start(scope: Scope): Promise<Contenders> {
  const redis = await startRedis(scope);
  return {
    ours: await ourDictClients(scope, 1, 1),
    peers: present(await ioredisClients(scope, redis, { mode: 'plain', clients: 1, window: 1 }), await pythonDict(scope, 1)),
    limits: [await http2PingPong(scope, 1)],
  };
}
