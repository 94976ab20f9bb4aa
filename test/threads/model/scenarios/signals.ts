import { POINT, type Coroutine } from '../points.js';
import { call, MAKE, read, scenario, type Actor, type Make, type Operation } from '../setup.js';
import type { Scenario } from '../world.js';

/** Takes permits and releases them. */
const permits = (count: number): Operation =>
  function* ({ object }) {
    const semaphore = object('semaphore');
    const held = yield* semaphore.acquire(undefined, count);
    yield POINT.operation;
    yield* semaphore.free(held);
    return count;
  };

/** Waits until a number is no longer 0, under the lock of a condition. */
function* waited({ object }: Actor): Coroutine {
  const [condition, number] = [object('condition'), object('number')];
  const held = yield* condition.acquireSync(undefined);
  yield POINT.operation;
  while ((yield* number.number()) === 0) yield* condition.wait({ number: held, abandoned: false }, undefined);
  yield POINT.operation;
  yield* condition.free(held);
  return 0;
}

const notified = (count: number): Operation =>
  function* ({ object }) {
    const [condition, number] = [object('condition'), object('number')];
    const held = yield* condition.acquireSync(undefined);
    yield POINT.operation;
    yield* number.setNumber(1, undefined);
    yield POINT.operation;
    yield* condition.notify(held, count);
    yield POINT.operation;
    yield* condition.free(held);
    return 0;
  };

/** Waits at a barrier, and ignores its index, which depends on the order. */
const wait = call('barrier', 'wait', undefined);
const act: Operation = call('barrier', 'wait', undefined, () => {});

const conditionAndNumber: Make = (engine) => {
  MAKE.condition(engine);
  MAKE.number(engine);
};

export const SIGNALS: readonly Scenario[] = [
  scenario('a semaphore with one permit', (engine) => MAKE.semaphore(engine, 1), [permits(1)], [permits(1)], [permits(1)]),
  scenario('a semaphore with a larger request', (engine) => MAKE.semaphore(engine, 2), [permits(2)], [permits(1)], [permits(1)]),
  scenario(
    'a semaphore that gets permits',
    (engine) => MAKE.semaphore(engine, 0),
    [permits(2)],
    [call('semaphore', 'add', 1)],
    [call('semaphore', 'add', 1)],
  ),
  scenario('an event', MAKE.event, [call('event', 'wait', undefined)], [call('event', 'wait', undefined)], [call('event', 'set')]),
  scenario(
    'an event that is cleared',
    MAKE.event,
    [call('event', 'set'), call('event', 'clear')],
    [call('event', 'set'), call('event', 'isSet')],
  ),
  scenario('a condition', conditionAndNumber, [waited], [notified(1)]),
  scenario('a condition with two waiters', conditionAndNumber, [waited], [waited], [notified(2)]),
  scenario('a barrier', (engine) => MAKE.barrier(engine, 2), [wait], [wait]),
  scenario(
    'a barrier whose waiting parties are counted',
    (engine) => MAKE.barrier(engine, 2),
    [wait],
    [read('barrier', 'waiters'), read('barrier', 'waiting'), call('barrier', 'abort')],
  ),
  scenario('a barrier with an action', (engine) => MAKE.barrier(engine, 2), [act], [act]),
  scenario(
    'a barrier that is aborted',
    (engine) => MAKE.barrier(engine, 3),
    [wait],
    [act],
    [call('barrier', 'abort'), read('barrier', 'broken')],
  ),
];
