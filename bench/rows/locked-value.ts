import { perTrips, present } from '../contender.js';
import { ourLockedValue } from '../ours.js';
import { http2PingPong, PING_PONG } from '../peers/http2.js';
import { PYTHON_LOCKED_VALUE, pythonLockedValue } from '../peers/python.js';
import type { Contenders, Row } from '../row.js';
import type { Scope } from '../scope.js';

const HALF_PING_PONG = `half of ${PING_PONG}`;

export const lockedValue: Row = {
  name: 'locked-value',
  unit: 'locks/s',
  work: 'one client, unix socket: lock, read, write, release, each awaited (two round trips)',
  targets: [
    { against: [PYTHON_LOCKED_VALUE], atLeast: 1.5 },
    { against: [HALF_PING_PONG], atLeast: 0.8 },
  ],
  awaited: true,
  warmUp: 50_000,
  start,
};

async function start(scope: Scope): Promise<Contenders> {
  return {
    ours: await ourLockedValue(scope),
    peers: present(await pythonLockedValue(scope)),
    limits: [perTrips(HALF_PING_PONG, 2, await http2PingPong(scope, 1))],
  };
}
