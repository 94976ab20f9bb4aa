import { describe } from '@jest/globals';
import { LOCK_MODES } from '../../../engine/core/lock-modes.js';
import { BarrierService } from '../../../proto/gen/commonhold/v1/barrier_wire.js';
import { ConditionService } from '../../../proto/gen/commonhold/v1/condition_wire.js';
import { EventService } from '../../../proto/gen/commonhold/v1/event_wire.js';
import { LockService } from '../../../proto/gen/commonhold/v1/lock_wire.js';
import { RLockService } from '../../../proto/gen/commonhold/v1/rlock_wire.js';
import { RWLockService } from '../../../proto/gen/commonhold/v1/rwlock_wire.js';
import { SemaphoreService } from '../../../proto/gen/commonhold/v1/semaphore_wire.js';
import type { EngineWorld } from '../../support/engine-world.js';
import { engineState, tellsApart, type Steps } from '../../support/state-pairs.js';

// Each pair of histories leads to states of the object `x` that differ in one thing, and so must their digests.

const name = 'x';
const all = (...steps: Steps[]): Steps => {
  return (world) => {
    for (const step of steps) step(world);
  };
};
const end = (session: string): Steps => {
  return (world) => world.end(session);
};
const wait = (ms: number): Steps => {
  return (world) => world.time.advance(ms);
};

/** The token that the first session with a hold of the object got. */
function tokenOf(world: EngineWorld): number {
  return world.ask('asks', LockService.methods.holder, { name }).holder!.token;
}

describe('the state of a lock shows', () => {
  const acquire =
    (session: string, request: object = {}): Steps =>
    (world) =>
      void world.call(session, LockService.methods.acquire, { name, ...request });
  const open: Steps = (world) => void world.ask('a', LockService.methods.open, { name });
  const release: Steps = (world) => void world.ask('a', LockService.methods.release, { name, token: tokenOf(world) });
  const extend = (leaseMs: number): Steps => {
    return (world) => void world.ask('a', LockService.methods.extend, { name, token: tokenOf(world), leaseMs });
  };

  tellsApart({
    'its holder': [acquire('a'), acquire('b')],
    'that it is free': [acquire('a'), all(acquire('a'), release)],
    'its token': [acquire('a'), all(acquire('a'), release, acquire('a'))],
    'the owner that holds it': [acquire('a', { owner: 'o' }), acquire('a', { owner: 'p' })],
    'a hold without an owner': [acquire('a', { owner: 'o' }), acquire('a')],
    'the end of its lease': [acquire('a', { leaseMs: 10 }), acquire('a', { leaseMs: 20 })],
    'a lease that was extended': [acquire('a', { leaseMs: 10 }), all(acquire('a', { leaseMs: 10 }), extend(20))],
    'since when it is held': [all(open, acquire('a'), wait(1)), all(open, wait(1), acquire('a'))],
    'a unary call that holds it': [acquire('unary a'), acquire('unary b')],
    'that its holder left it': [all(acquire('a'), end('a')), all(acquire('a'), release, end('a'))],
    'that its holder left it before the present one took it': [
      all(acquire('a'), end('a'), acquire('b')),
      all(acquire('a'), release, acquire('b')),
    ],
    'a hold that ended with its lease': [
      all(acquire('a', { leaseMs: 10 }), wait(10), acquire('b')),
      all(acquire('a', { leaseMs: 20 }), wait(10), end('a'), acquire('b')),
    ],
    'a call that waits': [acquire('a'), all(acquire('a'), acquire('b'))],
    'the order of calls that wait': [all(acquire('a'), acquire('b'), acquire('c')), all(acquire('a'), acquire('c'), acquire('b'))],
    'the order of calls of one session that wait': [
      all(acquire('a'), acquire('b', { owner: 'o' }), acquire('b', { owner: 'p' })),
      all(acquire('a'), acquire('b', { owner: 'p' }), acquire('b', { owner: 'o' })),
    ],
    'the lease that a call waits for': [all(acquire('a'), acquire('b', { leaseMs: 1 })), all(acquire('a'), acquire('b', { leaseMs: 2 }))],
    'the timeout of a call that waits': [
      all(acquire('a'), acquire('b', { timeoutMs: 10 })),
      all(acquire('a'), acquire('b', { timeoutMs: 20 })),
    ],
    'since when a call waits': [all(acquire('a'), acquire('b'), wait(1)), all(acquire('a'), wait(1), acquire('b'))],
    'when it last changed hands': [
      all(acquire('a'), acquire('b'), acquire('c'), wait(1), end('a'), wait(1)),
      all(acquire('a'), acquire('b'), acquire('c'), wait(2), end('a')),
    ],
  });
});

describe('the state of an rlock shows', () => {
  const acquire =
    (owner: string | undefined, leaseMs?: number): Steps =>
    (world) =>
      void world.call('a', RLockService.methods.acquire, { name, owner, leaseMs });
  /** Acquires for the hold without an owner. */
  const join: Steps = (world) => acquire(`@${world.told('token')[0] as number}`)(world);
  /** Ends the outermost or the innermost of two levels. */
  const release = (level: 0 | 1): Steps => {
    return (world) => {
      const tokens = world.told('token') as number[];
      world.ask('a', RLockService.methods.release, { name, token: tokens[level]! });
    };
  };

  tellsApart({
    'its levels': [acquire('o'), all(acquire('o'), acquire('o'))],
    'the owner of its outermost level': [all(acquire('o'), acquire('o/p')), all(acquire('o'), acquire('o'), acquire('o/p'))],
    'the levels that are left': [all(acquire('o'), acquire('o'), release(0)), all(acquire('o'), acquire('o'), release(1))],
    'the token that names a hold without an owner': [
      all(acquire(undefined), join, release(0)),
      all(acquire(undefined), release(0), acquire(undefined)),
    ],
    'the lease of a level': [all(acquire('o'), acquire('o', 10)), all(acquire('o', 10), acquire('o'))],
  });
});

describe('the state of a rwlock shows', () => {
  const methods = RWLockService.methods;
  const acquire =
    (mode: 'read' | 'write', session: string, request: object = {}): Steps =>
    (world) =>
      void world.call(session, methods.acquire, { name, mode: LOCK_MODES.indexOf(mode), ...request });
  const read = (session: string, request?: object): Steps => acquire('read', session, request);
  const write = (session: string, request?: object): Steps => acquire('write', session, request);
  const release = (index: number): Steps => {
    return (world) => void world.ask('r', methods.release, { name, token: world.told('token')[index] as number });
  };

  tellsApart({
    'how it is held': [read('a'), write('a')],
    'its holders': [read('a'), read('b')],
    'the order of its holders': [all(read('a'), read('b')), all(read('b'), read('a'))],
    'the owner of a hold': [read('a', { owner: 'o' }), read('a', { owner: 'p' })],
    'the levels of a hold': [read('a', { owner: 'o' }), all(read('a', { owner: 'o' }), read('a', { owner: 'o/p' }))],
    'how each level is held': [
      all(write('a', { owner: 'o' }), read('a', { owner: 'o' }), release(0)),
      all(write('a', { owner: 'o' }), write('a', { owner: 'o' }), release(0)),
    ],
    'the end of a lease': [read('a', { leaseMs: 10 }), read('a', { leaseMs: 20 })],
    'a hold that ended with its lease': [
      all(read('a', { leaseMs: 10 }), wait(10), read('b')),
      all(read('a', { leaseMs: 20 }), wait(10), release(0), read('b')),
    ],
    'that its writer left it': [all(write('a'), end('a')), all(read('a'), end('a'))],
    'that its writer left it before the present readers took it': [
      all(write('a'), end('a'), read('b')),
      all(read('a'), end('a'), read('b')),
    ],
    'the mode that a call waits for': [all(write('a'), read('b')), all(write('a'), write('b'))],
    'the order of calls that wait': [all(write('a'), read('b'), read('c')), all(write('a'), read('c'), read('b'))],
    'the priority of a call that waits': [all(write('a'), read('b')), all(write('a'), read('b', { priority: 1 }))],
    'the lease that a call waits for': [all(write('a'), read('b', { leaseMs: 1 })), all(write('a'), read('b', { leaseMs: 2 }))],
    'the timeout of a call that waits': [all(write('a'), read('b', { timeoutMs: 10 })), all(write('a'), read('b', { timeoutMs: 20 }))],
    'since when a call waits': [all(write('a'), read('b'), wait(1)), all(write('a'), wait(1), read('b'))],
    'when it last changed hands': [
      all(write('a'), write('b'), write('c'), wait(1), end('a'), wait(1)),
      all(write('a'), write('b'), write('c'), wait(2), end('a')),
    ],
  });
});

describe('the state of a condition shows', () => {
  const methods = ConditionService.methods;
  const open = (request: object): Steps => {
    return (world) => void world.ask('a', methods.open, { name, ...request });
  };
  /** Acquires, and waits for a notification. */
  const waiting =
    (session: string, timeoutMs?: number): Steps =>
    (world) => {
      const { token } = world.ask(session, methods.acquire, { name }) as { token: number };
      world.call(session, methods.wait, { name, token, timeoutMs });
    };
  /** Holds the lock, and notifies some of the calls that wait. */
  const notifying =
    (count: number): Steps =>
    (world) => {
      const { token } = world.ask('n', methods.acquire, { name }) as { token: number };
      world.ask('n', methods.notify, { name, token, count });
    };
  const notifyingAll: Steps = (world) => {
    const { token } = world.ask('n', methods.acquire, { name }) as { token: number };
    world.ask('n', methods.notifyAll, { name, token });
  };
  const holding: Steps = (world) => void world.ask('n', methods.acquire, { name });

  tellsApart({
    'its lock': [open({ lock: 'l' }), open({ lock: 'm' })],
    'the kind of its lock': [open({ lock: 'l' }), open({ rlock: 'l' })],
    'a lock of its own': [open({}), open({ lock: 'l' })],
    'the order of calls that wait': [all(waiting('a'), waiting('b')), all(waiting('b'), waiting('a'))],
    'the timeout of a call that waits': [waiting('a', 10), waiting('a', 20)],
    'that a call was notified, and waits for the lock': [all(waiting('a'), holding), all(waiting('a'), notifying(1))],
    'a notification that is for any one call': [all(waiting('a'), notifying(1)), all(waiting('a'), notifyingAll)],
    'a call that waits for the lock without a notification': [all(waiting('a'), notifyingAll), all(waiting('a', 1), holding, wait(1))],
    'a call that fails once it has the lock': [
      all(waiting('a'), holding, (world) => world.cancel('a', 2)),
      all(waiting('a', 1), holding, wait(1)),
    ],
  });
});

describe('the state of a semaphore shows', () => {
  const { open, acquire, consume, release, add } = SemaphoreService.methods;
  const make = (permits: number, bounded = false): Steps => {
    return (world) => void world.ask('a', open, { name, permits, bounded });
  };
  const take =
    (session: string, permits: number, request: object = {}): Steps =>
    (world) =>
      void world.call(session, acquire, { name, permits, ...request });
  const use =
    (session: string, permits: number, request: object = {}): Steps =>
    (world) =>
      void world.call(session, consume, { name, permits, ...request });
  const give = (permits: number): Steps => {
    return (world) => void world.ask('a', add, { name, permits });
  };
  const back: Steps = (world) => {
    const [, , response] = world.outcomes.at(-1)!;
    world.ask('a', release, { name, token: (response as { token: number }).token });
  };

  tellsApart({
    'its permits at the start': [make(2), all(make(1), give(1))],
    'its bound': [make(1), make(1, true)],
    'its free permits': [make(2), all(make(2), give(1))],
    'a hold that was released': [make(2), all(make(2), take('a', 1))],
    'the permits of a hold': [
      all(make(2), take('a', 1), take('b', 2), take('b', 1)),
      all(make(2), take('a', 2), take('b', 2), take('b', 1)),
    ],
    'its holders': [all(make(2), take('a', 1)), all(make(2), take('b', 1))],
    'the order of its holders': [all(make(2), take('a', 1), take('b', 1)), all(make(2), take('b', 1), take('a', 1))],
    'the end of a lease': [all(make(2), take('a', 1, { leaseMs: 10 })), all(make(2), take('a', 1, { leaseMs: 20 }))],
    'a hold that ended with its lease': [
      all(make(1), take('a', 1, { leaseMs: 10 }), wait(10)),
      all(make(1), take('a', 1, { leaseMs: 10 }), back, wait(10)),
    ],
    'the permits that a call waits for': [all(make(1), take('a', 2)), all(make(1), take('a', 3))],
    'permits that were used up': [make(2), all(make(2), use('a', 1))],
    'that a call waits to use permits up': [all(make(1), take('a', 2)), all(make(1), use('a', 2))],
    'the priority of a call that waits': [all(make(1), take('a', 2)), all(make(1), take('a', 2, { priority: 1 }))],
    'since when a call waits': [all(make(1), take('a', 2), wait(1)), all(make(1), wait(1), take('a', 2))],
    'the lease that a call waits for': [all(make(1), take('a', 2, { leaseMs: 1 })), all(make(1), take('a', 2, { leaseMs: 2 }))],
    'the order of calls that wait': [all(make(1), take('a', 2), take('b', 2)), all(make(1), take('b', 2), take('a', 2))],
  });
});

describe('the state of an event shows', () => {
  const { open, set, wait: waitFor, watch } = EventService.methods;
  const make: Steps = (world) => void world.ask('a', open, { name });
  const waiting =
    (session: string, timeoutMs?: number): Steps =>
    (world) =>
      void world.call(session, waitFor, { name, timeoutMs });
  const watching: Steps = (world) => {
    const { revision } = world.ask('a', watch, { name });
    world.call('a', watch, { name, from: revision });
  };

  tellsApart({
    'that it is set': [make, all(make, (world) => void world.ask('a', set, { name }))],
    'the order of calls that wait': [all(waiting('a'), waiting('b')), all(waiting('b'), waiting('a'))],
    'the timeout of a call that waits': [waiting('a', 10), waiting('a', 20)],
    'a watch that waits': [make, all(make, watching)],
  });
});

describe('the state of a barrier shows', () => {
  const methods = BarrierService.methods;
  const make = (parties: number, timeoutMs?: number): Steps => {
    return (world) => void world.ask('a', methods.open, { name, parties, timeoutMs });
  };
  const arrive =
    (session: string, hasAction = false): Steps =>
    (world) =>
      void world.call(session, methods.wait, { name, hasAction });
  const abort: Steps = (world) => void world.ask('a', methods.abort, { name });
  const reset: Steps = (world) => void world.ask('a', methods.reset, { name });
  const fail = (message: string): Steps => {
    return (world) => {
      const { actionToken: token } = world.outcomes.at(-1)![2] as { actionToken: number };
      world.ask('a', methods.fail, { name, token, message });
    };
  };
  /** Two parties, one of which runs the action. */
  const inAction = all(make(2), arrive('a'), arrive('b', true));

  tellsApart({
    'its parties': [make(2), make(3)],
    'its timeout': [make(2), make(2, 10)],
    'the order of parties that wait': [all(make(3), arrive('a'), arrive('b')), all(make(3), arrive('b'), arrive('a'))],
    'an action that a party brought': [all(make(2), arrive('a', true)), all(make(2), arrive('a', false))],
    'the party that runs the action': [inAction, all(make(2), arrive('a'), arrive('c', true))],
    'the place of the party that runs the action': [inAction, all(make(2), arrive('b', true), arrive('a'))],
    'that it is broken': [make(2), all(make(2), abort)],
    'why it is broken': [all(make(2), abort), all(make(2), arrive('a'), end('a'))],
    'the message of the action that broke it': [all(inAction, fail('one')), all(inAction, fail('two'))],
    'an action that was interrupted': [all(inAction, reset), all(make(2), arrive('a'), arrive('b'), reset)],
  });
});

describe('the state of the wait-for graph shows', () => {
  const acquire =
    (lock: string, session: string, request: object = {}): Steps =>
    (world) =>
      void world.call(session, LockService.methods.acquire, { name: lock, ...request });

  tellsApart(
    {
      'the order in which locks came to be waited for': [
        all(acquire('l', 'a'), acquire('m', 'a'), acquire('l', 'b'), acquire('m', 'b')),
        all(acquire('l', 'a'), acquire('m', 'a'), acquire('m', 'b'), acquire('l', 'b')),
      ],
      'the order of waits of one owner': [
        all(acquire('l', 'a'), acquire('m', 'a'), acquire('l', 'b', { owner: 'o/p' }), acquire('m', 'b', { owner: 'o/q' })),
        all(acquire('l', 'a'), acquire('m', 'a'), acquire('m', 'b', { owner: 'o/p' }), acquire('l', 'b', { owner: 'o/q' })),
      ],
      'the searches that are left': [
        all(acquire('l', 'a'), acquire('l', 'b'), wait(500)),
        all(acquire('l', 'a'), acquire('l', 'b'), wait(1000)),
      ],
      'a cycle that was reported': [
        all(acquire('l', 'a'), acquire('m', 'b'), acquire('l', 'b'), acquire('m', 'a'), wait(2000)),
        all(acquire('l', 'a'), acquire('m', 'b'), acquire('l', 'b'), acquire('m', 'c'), wait(2000)),
      ],
    },
    (world) => engineState(world)['waits'],
  );
});
