import { inspect } from 'node:util';
import {
  BrokenBarrierError,
  ClosedError,
  DeliveryLostError,
  EndOfPipeError,
  LockLostError,
  ManagerUnavailableError,
  RemoteError,
  SessionExpiredError,
  StaleFenceError,
  TimeoutError,
} from '../../../proto/errors.js';
import { Aborted } from '../user.js';
import type { Call } from '../history.js';
import type { ObservedWorld } from '../observed.js';
import type { World } from '../world.js';

const EXPECTED = [
  Aborted,
  BrokenBarrierError,
  ClosedError,
  DeliveryLostError,
  EndOfPipeError,
  LockLostError,
  ManagerUnavailableError,
  RemoteError,
  SessionExpiredError,
  StaleFenceError,
  TimeoutError,
];

/** Calls that take an item, and end once the manager knows that it arrived. */
const TAKING = /^(queue|limited|ticks) get$|^(jobs|tasks) deliver$| receive$/;

/** Each call of a living client ends, with an error that it may have. */
export function checkCalls(world: ObservedWorld): void {
  for (const call of world.history.calls) {
    const { client, outcome, error } = call;
    if (outcome === 'pending' && client.loop.alive) world.violated(`${shown(call)} never ended`);
    if (error !== undefined && !isExpected(error)) world.violated(`${shown(call)} failed: ${inspect(error)}`);
  }
}

/** True for an error that a call may have. */
export function isExpected(error: unknown): boolean {
  return EXPECTED.some((type) => error instanceof type);
}

/** Each call ends in time. */
export function checkTimes(world: World): void {
  for (const call of world.history.calls) {
    const { client, outcome, dueAt, returnedAt } = call;
    if (outcome === 'pending' || returnedAt <= dueAt + acknowledgementMs(call) + world.stoodStillMs(client, call.calledAt)) continue;
    world.violated(`${shown(call)} ended ${Math.round(returnedAt - dueAt)} ms after it was due`);
  }
}

/** Time within which the answer of a call is acknowledged, or its session has ended: over a broken connection, the rest of the lease. */
function acknowledgementMs({ object, what, client, outcome, error }: Call): number {
  const settled = outcome === 'done' || error instanceof SessionExpiredError;
  return TAKING.test(`${object} ${what}`) && settled ? client.plan.leaseMs : 0;
}

export function shown({ client, object, what, args, calledAt }: Call): string {
  return `${object} ${what}(${args.map(String).join(', ')}) of ${client.loop.name} at ${Math.round(calledAt)} ms`;
}
