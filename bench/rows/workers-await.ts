import { present } from '../contender.js';
import { ourDictClients } from '../ours.js';
import { http2PingPong, PING_PONG } from '../peers/http2.js';
import { pythonDict } from '../peers/python.js';
import type { Contenders, Row } from '../row.js';
import type { Scope } from '../scope.js';

const PROCESSES = 4;

export const workersAwait: Row = {
  name: 'workers-await',
  unit: 'calls/s',
  work: `${PROCESSES} client processes, each alternating awaited set and get of scalars in one dict`,
  targets: [{ against: [PING_PONG], atLeast: 0.8 }],
  awaited: true,
  warmUp: 50_000 * PROCESSES,
  start,
};

async function start(scope: Scope): Promise<Contenders> {
  return {
    ours: await ourDictClients(scope, PROCESSES, 1),
    peers: present(await pythonDict(scope, PROCESSES)),
    limits: [await http2PingPong(scope, PROCESSES)],
  };
}
