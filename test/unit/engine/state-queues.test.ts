import { describe } from '@jest/globals';
import { ObjectService } from '../../../proto/gen/commonhold/v1/object_wire.js';
import { PipeService } from '../../../proto/gen/commonhold/v1/pipe_wire.js';
import { QueueService } from '../../../proto/gen/commonhold/v1/queue_wire.js';
import { encodePayload } from '../../../proto/codec/payload.js';
import { payload } from '../../support/engine-world.js';
import { tellsApart, type Steps } from '../../support/state-pairs.js';

// Each pair of histories leads to states of the object `x` that differ in one thing, and so must their digests.

const name = 'x';
const [ONE, TWO, THREE] = [payload(1), payload(2), payload(3)];
const all = (...steps: Steps[]): Steps => {
  return (world) => {
    for (const step of steps) step(world);
  };
};

describe('the state of a queue shows', () => {
  const { open, put, putMany, get, getMany, deliver, nak, join, taskDone, shutdown, watch, pause } = QueueService.methods;
  const make = (options: object): Steps => {
    return (world) => void world.ask('a', open, { name, ...options });
  };
  const add = (value: string, placing: object = {}): Steps => {
    return (world) => void world.ask('a', put, { name, value, ...placing });
  };
  const addMany = (...values: string[]): Steps => {
    return (world) => void world.call('a', putMany, { name, values });
  };
  const waitForRoom = (placing: object): Steps => {
    return (world) => void world.call('a', put, { name, value: ONE, ...placing });
  };
  const take =
    (session: string, timeoutMs?: number): Steps =>
    (world) =>
      void world.call(session, get, { name, timeoutMs });
  const takeMany = (max: number): Steps => {
    return (world) => void world.call('a', getMany, { name, max });
  };
  const receive =
    (leaseMs = 100, session = 'a'): Steps =>
    (world) =>
      void world.call(session, deliver, { name, max: 1, leaseMs });
  const giveBack =
    (delayMs: number): Steps =>
    (world) => {
      const { items } = world.ask('a', deliver, { name, max: 1 });
      world.ask('a', nak, { name, token: items[0]!.token, delayMs });
    };
  const waitForEach = (...each: object[]): Steps => {
    return (world) => void world.call('a', putMany, { name, values: each.map(() => ONE), each });
  };
  /** A queue that hands out no more than it has handed out already. */
  const limited = make({ rate: { max: 2, perMs: 10 } });
  const done: Steps = (world) => void world.ask('a', taskDone, { name, count: 1 });
  const end = (immediate: boolean): Steps => {
    return (world) => void world.ask('a', shutdown, { name, immediate });
  };
  const waitForDone = (session: string): Steps => {
    return (world) => void world.call(session, join, { name });
  };

  tellsApart({
    'its capacity': [make({ capacity: 1 }), make({ capacity: 2 })],
    'its order': [make({ order: 1 }), make({ order: 2 })],
    'its queue of dead letters': [
      make({ deadLetter: { queue: 'd', maxDeliveries: 1 } }),
      make({ deadLetter: { queue: 'd', maxDeliveries: 2 } }),
    ],
    'the name of its queue of dead letters': [
      make({ deadLetter: { queue: 'd', maxDeliveries: 1 } }),
      make({ deadLetter: { queue: 'e', maxDeliveries: 1 } }),
    ],
    'an item': [add(ONE), add(TWO)],
    'the order of items': [addMany(ONE, TWO), addMany(TWO, ONE)],
    'the priority of an item': [all(make({ order: 3 }), add(ONE, { priority: 1 })), all(make({ order: 3 }), add(ONE, { priority: 2 }))],
    'the order of items of equal priority': [all(make({ order: 3 }), add(ONE), add(TWO)), all(make({ order: 3 }), add(TWO), add(ONE))],
    'a delayed item': [add(ONE, { delayMs: 10 }), add(TWO, { delayMs: 10 })],
    'the time of a delayed item': [add(ONE, { delayMs: 10 }), add(ONE, { delayMs: 20 })],
    'the priority of a delayed item': [
      all(make({ order: 3 }), add(ONE, { delayMs: 10, priority: 1 })),
      all(make({ order: 3 }), add(ONE, { delayMs: 10, priority: 2 })),
    ],
    'the order of delayed items': [
      all(add(ONE, { delayMs: 10 }), add(TWO, { delayMs: 10 })),
      all(add(TWO, { delayMs: 10 }), add(ONE, { delayMs: 10 })),
    ],
    'the item of a delivery': [all(add(ONE), receive()), all(add(TWO), receive())],
    'a delivery': [all(add(ONE), receive()), all(add(ONE), take('a'))],
    'the end of the lease of a delivery': [all(add(ONE), receive(100)), all(add(ONE), receive(200))],
    'the session of a delivery': [all(add(ONE), receive(100, 'a')), all(add(ONE), receive(100, 'b'))],
    'the attempts of an item': [all(add(ONE), giveBack(0)), all(add(ONE), giveBack(0), giveBack(0))],
    'the delay of an item that was given back': [all(add(ONE), giveBack(10)), all(add(ONE), giveBack(20))],
    'the number of unfinished tasks': [all(add(ONE), take('a')), all(add(ONE), take('a'), done)],
    'the order of calls that wait for the last task': [
      all(add(ONE), waitForDone('a'), waitForDone('b')),
      all(add(ONE), waitForDone('b'), waitForDone('a')),
    ],
    'the order of calls that wait for items': [all(take('a'), take('b')), all(take('b'), take('a'))],
    'the timeout of a call that waits': [take('a', 10), take('a', 20)],
    'a timeout that ends at the same time as another': [all((world) => world.time.advance(1), take('a', 9)), take('a', 10)],
    'the method of a call that waits': [take('a'), takeMany(1)],
    'the number of items that a call waits for': [takeMany(1), takeMany(2)],
    'the lease of the deliveries that a call waits for': [receive(100), receive(200)],
    'a call that waits for deliveries': [receive(), takeMany(1)],
    'the items of a put that waits': [all(make({ capacity: 1 }), addMany(ONE, TWO)), all(make({ capacity: 1 }), addMany(ONE, THREE))],
    'the items of a put that are in': [all(make({ capacity: 1 }), add(ONE), addMany(TWO)), all(make({ capacity: 1 }), addMany(ONE, TWO))],
    'the priority of a put that waits': [
      all(make({ order: 3, capacity: 1 }), add(ONE), waitForRoom({ priority: 1 })),
      all(make({ order: 3, capacity: 1 }), add(ONE), waitForRoom({ priority: 2 })),
    ],
    'the delay of a put that waits': [
      all(make({ capacity: 1 }), add(ONE), waitForRoom({ delayMs: 1 })),
      all(make({ capacity: 1 }), add(ONE), waitForRoom({ delayMs: 2 })),
    ],
    'the id of an item': [add(ONE, { id: 'a' }), add(ONE, { id: 'b' })],
    'an id': [add(ONE), add(ONE, { id: 'a' })],
    'an item at the head': [all(add(ONE), add(TWO)), all(add(TWO), add(ONE, { head: true }))],
    'the id of a delivered item': [all(add(ONE, { id: 'a' }), receive()), all(add(ONE, { id: 'b' }), receive())],
    'the time of the first delivery of an item': [
      all(add(ONE), giveBack(0), (world) => world.time.advance(1)),
      all(add(ONE), (world) => world.time.advance(1), giveBack(0)),
    ],
    'the id of a put that waits': [
      all(make({ capacity: 1 }), add(ONE), waitForRoom({ id: 'a' })),
      all(make({ capacity: 1 }), add(ONE), waitForRoom({ id: 'b' })),
    ],
    'the place of each item of a put that waits': [
      all(make({ capacity: 1 }), add(ONE), waitForEach({ id: 'a' }, { id: 'b' })),
      all(make({ capacity: 1 }), add(ONE), waitForEach({ id: 'a' }, { id: 'c' })),
    ],
    'the duplicates of a put that waits': [
      all(make({ capacity: 1 }), add(ONE, { id: 'a' }), waitForEach({ id: 'a' }, { id: 'b' })),
      all(make({ capacity: 1 }), waitForEach({ id: 'a' }, { id: 'b' })),
    ],
    'that it is paused': [make({}), all(make({}), (world) => void world.ask('a', pause, { name }))],
    'its rate': [make({ rate: { max: 1, perMs: 10 } }), make({ rate: { max: 2, perMs: 10 } })],
    'the period of its rate': [make({ rate: { max: 1, perMs: 10 } }), make({ rate: { max: 1, perMs: 20 } })],
    'the time at which it handed items out': [
      all(limited, add(ONE), take('a'), (world) => world.time.advance(1)),
      all(limited, add(ONE), (world) => world.time.advance(1), take('a')),
    ],
    'the number of items that it handed out': [all(limited, addMany(ONE, ONE), takeMany(1)), all(limited, addMany(ONE, ONE), takeMany(2))],
    'that it is shut down': [make({}), all(make({}), end(false))],
    'how it is shut down': [all(make({}), end(false)), all(make({}), end(true))],
    'a watch that waits': [
      make({}),
      all(make({}), (world) => {
        const { revision } = world.ask('a', watch, { name });
        world.call('a', watch, { name, from: revision });
      }),
    ],
  });
});

describe('the state of a queue of dead letters shows', () => {
  const { open, put, deliver, nak } = QueueService.methods;
  const fail =
    ({ id, reason, cause, attempts = 1 }: { id?: string; reason?: string; cause?: 'lease' | 'session'; attempts?: number }): Steps =>
    (world) => {
      world.ask('a', open, { name: 'y', deadLetter: { queue: name, maxDeliveries: attempts } });
      world.ask('a', put, { name: 'y', value: ONE, id });
      for (let attempt = 1; attempt <= attempts; attempt++) {
        const { items } = world.ask('b', deliver, { name: 'y', max: 1, leaseMs: 10 });
        if (cause === 'session') world.end('b');
        else if (cause === 'lease') world.time.advance(10);
        else world.ask('b', nak, { name: 'y', token: items[0]!.token, delayMs: 0, reason });
      }
    };

  tellsApart({
    'the id of a letter': [fail({ id: 'a' }), fail({ id: 'b' })],
    'the reason of a letter': [fail({ reason: 'a' }), fail({ reason: 'b' })],
    'the attempts of a letter': [fail({ attempts: 1 }), fail({ attempts: 2 })],
    'the time of a letter': [fail({}), all((world) => world.time.advance(1), fail({}))],
    'the cause of a letter': [all(fail({ cause: 'lease' })), all((world) => world.time.advance(10), fail({}))],
  });
});

describe('the state of a pipe shows', () => {
  const { open, send, receive, poll, close } = PipeService.methods;
  const make = (options: object, session = 'a'): Steps => {
    return (world) => void world.ask(session, open, { name, ...options });
  };
  const write =
    (message: string, end = 1): Steps =>
    (world) =>
      void world.call('a', send, { name, end, message });
  const read =
    (max: number, session = 'b', end = 0): Steps =>
    (world) =>
      void world.call(session, receive, { name, end, max });
  const wait = (session: string): Steps => {
    return (world) => void world.call(session, poll, { name, end: 0 });
  };
  const leave: Steps = (world) => void world.ask('a', close, { name, end: 0 });

  tellsApart({
    'its directions': [make({ duplex: true }), make({ duplex: false })],
    'its capacity': [make({ capacity: 1 }), make({ capacity: 2 })],
    'a message': [write(ONE), write(TWO)],
    'the end of a message': [write(ONE, 0), write(ONE, 1)],
    'the order of messages': [all(write(ONE), write(TWO)), all(write(TWO), write(ONE))],
    'the owner of an end': [make({ end: 0 }, 'a'), make({ end: 0 }, 'b')],
    'an end without an owner': [make({ end: 0 }, 'a'), make({}, 'a')],
    'a closed end': [all(make({}), leave), make({})],
    'why an end is closed': [all(make({ end: 0 }), leave), all(make({ end: 0 }), (world) => world.end('a'))],
    'the number of messages that a call waits for': [read(1), read(2)],
    'the end at which a call waits': [read(1, 'b', 0), read(1, 'b', 1)],
    'a call that waits without taking': [all(make({}), wait('a')), make({})],
    'the order of calls that wait': [all(make({}), wait('a'), wait('b')), all(make({}), wait('b'), wait('a'))],
    'the message of a call that waits for room': [
      all(make({ capacity: 1 }), write(ONE), write(TWO)),
      all(make({ capacity: 1 }), write(ONE), write(THREE)),
    ],
  });
});

describe('the state of an object of a registered type shows', () => {
  const make: Steps = (world) => void world.ask('a', ObjectService.methods.open, { name, type: 'Machine', arguments: [] });
  const run =
    (member: string, more: number, session = 'a'): Steps =>
    (world) =>
      void world.call(session, ObjectService.methods.call, { name, member, arguments: [encodePayload(more)] });

  tellsApart({
    'that it is busy': [make, all(make, run('later', 1))],
    'the caller of the code that runs': [all(make, run('later', 1, 'a')), all(make, run('later', 1, 'b'))],
    'that its caller has given up': [all(make, run('later', 1)), all(make, run('later', 1), (world) => world.cancel('a', 2))],
    'the method of a call that waits': [all(make, run('later', 1), run('add', 1)), all(make, run('later', 1), run('later', 1))],
    'the arguments of a call that waits': [all(make, run('later', 1), run('add', 1)), all(make, run('later', 1), run('add', 2))],
    'the order of calls that wait': [
      all(make, run('later', 1), run('add', 1, 'a'), run('add', 1, 'b')),
      all(make, run('later', 1), run('add', 1, 'b'), run('add', 1, 'a')),
    ],
  });
});
