import { present } from '../contender.js';
import { ourCachedReader } from '../ours.js';
import { plainMap } from '../peers/map.js';
import { ioredisReader, startRedis } from '../peers/redis.js';
import type { Contenders, Row } from '../row.js';
import type { Scope } from '../scope.js';

export const cached: Row = {
  name: 'cached',
  unit: 'reads/s',
  work: 'one client, awaited reads through dict.cached() of 10,000 keys, of which a writer in another process changes 100 a second; the event loop turns every 1,000 reads',
  targets: [{ against: ['ioredis'], atLeast: 20 }],
  awaited: false,
  warmUp: 50_000,
  start,
};

async function start(scope: Scope): Promise<Contenders> {
  const redis = await startRedis(scope);
  return {
    ours: await ourCachedReader(scope),
    peers: present(await ioredisReader(scope, redis)),
    limits: [await plainMap(scope)],
  };
}
