import { SLOT_SIZE, SLOTS } from '../../../../engine/shared/kernel/layout.js';
import { POINT, type Coroutine } from '../points.js';
import { call, MAKE, scenario, type Actor, type Make } from '../setup.js';
import type { Scenario } from '../world.js';

/** Reads a number and writes a greater one while it holds a lock; returns if the lock was abandoned. */
function* counted({ object }: Actor): Coroutine {
  const [lock, number] = [object('lock'), object('number')];
  const held = yield* lock.acquireSync(undefined);
  yield POINT.operation;
  const { abandoned } = lock;
  const before = yield* number.number();
  yield* number.setNumber(before + 1, undefined);
  yield POINT.operation;
  yield* lock.free(held);
  return [before, abandoned];
}

/** As {@link counted}, with the lock of the number itself. */
function* updated({ object }: Actor): Coroutine {
  const number = object('number');
  const held = yield* number.acquireSync(undefined);
  yield POINT.operation;
  const before = yield* number.number();
  yield* number.freeWith(held, before + 1);
  return before;
}

/** Waits for a lock as a promise does, but checks the bell instead of being called. */
function* promised({ object, waits, thread, code }: Actor): Coroutine {
  const [lock, number] = [object('lock'), object('number')];
  let taken = yield* lock.take(1);
  if (taken < 0) {
    const node = yield* waits.node(true, { owner: 1 });
    taken = yield* lock.enlist(node, function* (): Coroutine {
      return yield* lock.kernel.lockWait(thread.self, lock.object, lock.uid, node);
    });
    if (taken < 0) {
      const bell = thread.self + code['S_DOORBELL'];
      yield* thread.setWord(thread.self + code['S_LISTENING'], 1);
      for (;;) {
        const seen = yield* thread.word(bell);
        const state = yield* waits.state(node);
        if (state === code['GRANTED'] || (state === code['WOKEN'] && (yield* lock.retry(node)) === code['GRANTED'])) break;
        yield { offset: bell, seen };
        if (!lock.there) break;
      }
    }
    yield* waits.done(node);
  }
  yield POINT.operation;
  const held = yield* thread.double(lock.object + code['O_HELD']);
  const before = yield* number.number();
  yield* number.setNumber(before + 1, undefined);
  yield POINT.operation;
  yield* lock.free(held);
  return before;
}

/** Takes a lock only if it is free. */
function* tried({ object }: Actor): Coroutine {
  const lock = object('lock');
  const held = yield* lock.acquireSync(0);
  yield POINT.operation;
  yield* lock.free(held);
  return true;
}

/** A word at which threads wait for each other outside of the memory of any object. */
const gate = (number: number): number => SLOTS + SLOT_SIZE * (100 + number);
function* open({ thread, wake }: Actor, number: number): Coroutine<void> {
  yield* thread.setWord(gate(number), 1);
  wake(gate(number));
}
function* opened({ thread }: Actor, number: number): Coroutine<void> {
  while ((yield* thread.word(gate(number))) === 0) yield { offset: gate(number), seen: 0 };
}

/** Takes a lock, and takes it again after a waiter was told that it is free; meanwhile it lets others run. */
function* retaken(actor: Actor): Coroutine {
  const lock = actor.object('lock');
  const held = yield* lock.acquireSync(undefined);
  yield* opened(actor, 0);
  yield* lock.free(held);
  const again = yield* lock.acquireSync(undefined);
  yield* open(actor, 1);
  yield* opened(actor, 2);
  yield* lock.free(again);
  return true;
}

/** Lets {@link retaken} continue. */
function* letting(actor: Actor): Coroutine {
  yield* open(actor, 0);
  yield* opened(actor, 1);
  yield* open(actor, 2);
  return true;
}

const numberAndLock: Make = (engine) => {
  MAKE.number(engine);
  MAKE.lock(engine);
};
const add = (delta: number) => call('number', 'addNumber', delta, undefined);

export const LOCKS: readonly Scenario[] = [
  scenario('two threads with a lock', numberAndLock, [counted], [counted]),
  scenario('three threads with a lock', numberAndLock, [counted], [counted], [counted]),
  { ...scenario('three threads with a lock that is passed on', numberAndLock, [counted], [counted], [counted]), pace: 2 },
  scenario('two threads that take a lock again', numberAndLock, [counted, counted], [counted, counted]),
  { ...scenario('two threads that take a lock twice', numberAndLock, [counted, counted], [counted, counted]), pace: 1 },
  scenario('promises and a thread with a lock', numberAndLock, [promised], [promised], [counted]),
  scenario('a thread that gives up a wait for a lock', numberAndLock, [counted], [tried], [counted]),
  scenario('a lock that is taken again while one tries', numberAndLock, [retaken], [counted], [letting]),
  scenario('additions to a number', MAKE.number, [add(1), add(2)], [add(4), add(8)]),
  scenario('additions to a number that is locked', MAKE.number, [updated], [add(4)], [updated]),
  scenario(
    'a lock that is destroyed',
    numberAndLock,
    [counted],
    [counted],
    [
      function* ({ objects }) {
        return yield* objects.destroy('lock', 'lock');
      },
    ],
  ),
];
