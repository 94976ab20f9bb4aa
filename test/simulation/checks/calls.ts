import { inspect } from 'node:util';
import {
  BrokenBarrierError,
  ClosedError,
  DeliveryLostError,
  EndOfPipeError,
  LockLostError,
  ManagerUnavailableError,
  SessionExpiredError,
  StaleFenceError,
  TimeoutError,
} from '../../../proto/errors.js';
import { Aborted } from '../user.js';
import type { World } from '../world.js';
import type { Call } from '../history.js';

const EXPECTED = [
  Aborted,
  BrokenBarrierError,
  ClosedError,
  DeliveryLostError,
  EndOfPipeError,
  LockLostError,
  ManagerUnavailableError,
  SessionExpiredError,
  StaleFenceError,
  TimeoutError,
];

/** Each call of a living client ends, in time, and with an error that it may have. */
export function checkCalls(world: World): void {
  for (const call of world.history.calls) {
    const { client, outcome, error, dueAt, returnedAt } = call;
    if (outcome === 'pending') {
      if (client.loop.alive) world.violated(`${shown(call)} never ended`);
      continue;
    }
    if (returnedAt > dueAt + world.stoodStillMs(client, call.calledAt)) {
      world.violated(`${shown(call)} ended ${Math.round(returnedAt - dueAt)} ms after it was due`);
    }
    if (error !== undefined && !EXPECTED.some((type) => error instanceof type)) world.violated(`${shown(call)} failed: ${inspect(error)}`);
  }
}

export function shown({ client, object, what, args, calledAt }: Call): string {
  return `${object} ${what}(${args.map(String).join(', ')}) of ${client.loop.name} at ${Math.round(calledAt)} ms`;
}
