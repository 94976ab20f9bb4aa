import { describe } from '@jest/globals';
import { ArrayService } from '../../../proto/gen/commonhold/v1/array_wire.js';
import { DictService } from '../../../proto/gen/commonhold/v1/dict_wire.js';
import { ListService } from '../../../proto/gen/commonhold/v1/list_wire.js';
import { NamespaceService } from '../../../proto/gen/commonhold/v1/namespace_wire.js';
import { ObjectService } from '../../../proto/gen/commonhold/v1/object_wire.js';
import { PipeService } from '../../../proto/gen/commonhold/v1/pipe_wire.js';
import { QueueService } from '../../../proto/gen/commonhold/v1/queue_wire.js';
import { SetService } from '../../../proto/gen/commonhold/v1/set_wire.js';
import { ValueService } from '../../../proto/gen/commonhold/v1/value_wire.js';
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

describe('the state of a dict shows', () => {
  const { set, watch } = DictService.methods;
  const put = (key: string | number, value: string, ttlMs?: number): Steps => {
    return (world) => void world.ask('a', set, { name, key, value, ttlMs });
  };
  const remove =
    (key: string): Steps =>
    (world) =>
      void world.ask('a', DictService.methods.delete, { name, key });
  const watchCall = (request: object, session = 'a'): Steps => {
    return (world) => void world.call(session, watch, { name, watch: 1, ...request });
  };
  /** Waits for changes after the present revision. */
  const waitForChange =
    (request: object, session = 'a'): Steps =>
    (world) => {
      const { revision } = world.ask(session, watch, { name, watch: 1, ...request });
      world.call(session, watch, { name, watch: 1, from: revision, ...request });
    };

  tellsApart({
    'a value': [put('k', ONE), put('k', TWO)],
    'the type of a key': [put(1, ONE), put('1', ONE)],
    'the order of entries': [all(put('k', ONE), put('l', ONE)), all(put('l', ONE), put('k', ONE))],
    'the place of an entry in an iteration': [
      all(put('k', ONE), put('l', ONE)),
      all(put('k', ONE), remove('k'), put('k', ONE), put('l', ONE)),
    ],
    'an entry that was deleted last': [all(put('k', ONE), remove('k')), put('k', ONE)],
    'the end of an entry': [put('k', ONE, 10), put('k', ONE, 20)],
    'an entry that has no end any more': [all(put('k', ONE, 10), put('k', ONE)), all(put('k', ONE, 10), put('k', ONE, 10))],
    'the order of entries that end at once': [
      all(put('k', ONE), put('l', ONE), put('k', ONE, 10), put('l', ONE, 10)),
      all(put('k', ONE), put('l', ONE), put('l', ONE, 10), put('k', ONE, 10)),
    ],
    'a change that is kept for watchers': [
      all(watchCall({}), put('k', ONE), put('k', TWO)),
      all(watchCall({}), put('k', THREE), put('k', TWO)),
    ],
    'a watch': [all(put('k', ONE), watchCall({})), put('k', ONE)],
    'the number of a watch': [watchCall({ watch: 1 }), watchCall({ watch: 2 })],
    'the session of a watch': [watchCall({}, 'a'), watchCall({}, 'b')],
    'the key of a watch that waits': [waitForChange({ key: 'k' }), waitForChange({ key: 'l' })],
    'a watch that waits for all keys': [waitForChange({ key: 'k' }), waitForChange({})],
    'the timeout of a watch that waits': [waitForChange({ timeoutMs: 10 }), waitForChange({ timeoutMs: 20 })],
    'the time after the last watch': [
      all(waitForChange({ timeoutMs: 10 }, 'unary'), (world) => world.time.advance(10), put('k', ONE)),
      all(waitForChange({ timeoutMs: 10 }, 'unary'), (world) => world.time.advance(10 + 60_000), put('k', ONE)),
    ],
    'the time at which it was made': [put('k', ONE), all((world) => world.time.advance(1), put('k', ONE))],
  });
});

describe('the state of a list shows', () => {
  const { push, scan, pop } = ListService.methods;
  const add = (...values: string[]): Steps => {
    return (world) => void world.ask('a', push, { name, values });
  };
  const page =
    (request: object, session = 'a'): Steps =>
    (world) =>
      void world.ask(session, scan, { name, pageSize: 1, ...request });

  tellsApart({
    'the order of items': [add(ONE, TWO), add(TWO, ONE)],
    'an open iteration': [add(ONE, TWO), all(add(ONE, TWO), page({}))],
    'the session of an iteration': [all(add(ONE, TWO), page({}, 'a')), all(add(ONE, TWO), page({}, 'b'))],
    'the items of an iteration': [
      all(add(ONE, TWO), page({}), (world) => void world.ask('a', pop, { name })),
      all(add(ONE, THREE), page({}), (world) => void world.ask('a', pop, { name })),
    ],
    'the iteration that was unused for longest': [
      all(add(ONE, TWO, THREE), page({}), page({}), page({ pageToken: '1.1' })),
      all(add(ONE, TWO, THREE), page({}), page({}), page({ pageToken: '2.1' })),
    ],
  });
});

describe('the state of a set shows', () => {
  const add = (...values: string[]): Steps => {
    return (world) => void world.ask('a', SetService.methods.add, { name, values });
  };
  const drop = (...values: string[]): Steps => {
    return (world) => void world.ask('a', SetService.methods.delete, { name, values });
  };

  tellsApart({
    'its members': [add(ONE), add(TWO)],
    'the order of members': [add(ONE, TWO), add(TWO, ONE)],
    'the place of a member in an iteration': [add(ONE), all(add(ONE), drop(ONE), add(ONE))],
  });
});

describe('the state of a namespace shows', () => {
  const set = (property: string, value: string): Steps => {
    return (world) => void world.ask('a', NamespaceService.methods.set, { name, property, value });
  };

  tellsApart({
    'a property': [set('k', ONE), set('k', TWO)],
    'the order of properties': [all(set('k', ONE), set('l', ONE)), all(set('l', ONE), set('k', ONE))],
  });
});

describe('the state of an array shows', () => {
  const open = (type: string, ...bytes: number[]): Steps => {
    return (world) => void world.ask('a', ArrayService.methods.open, { name, type, initial: Uint8Array.from(bytes) });
  };
  const lock =
    (session: string): Steps =>
    (world) =>
      void world.call(session, ArrayService.methods.lock, { name });
  const write = (index: number, value: string): Steps => {
    return (world) => void world.call('b', ArrayService.methods.set, { name, index, value });
  };

  tellsApart({
    'an element': [open('u8', 1), open('u8', 2)],
    'its type': [open('u8', 1), open('i8', 1)],
    'the holder of its lock': [all(open('u8', 1), lock('a')), all(open('u8', 1), lock('b'))],
    'the place of a write that waits': [all(open('u8', 1, 1), lock('a'), write(0, ONE)), all(open('u8', 1, 1), lock('a'), write(1, ONE))],
    'the value of a write that waits': [all(open('u8', 1), lock('a'), write(0, ONE)), all(open('u8', 1), lock('a'), write(0, TWO))],
  });
});

describe('the state of a value shows', () => {
  const { open, lock, set, add, watch } = ValueService.methods;
  const make = (initial: string, type?: string): Steps => {
    return (world) => void world.ask('a', open, { name, initial, type });
  };
  const hold: Steps = (world) => void world.call('a', lock, { name });
  const write = (value: string, request: object = {}): Steps => {
    return (world) => void world.call('b', set, { name, value, ...request });
  };
  const watching = (session: string): Steps => {
    return (world) => {
      const { revision } = world.ask(session, watch, { name });
      world.call(session, watch, { name, from: revision });
    };
  };

  tellsApart({
    'its value': [make(ONE), make(TWO)],
    'its type': [make(ONE), make(ONE, 'i32')],
    'its version': [make(ONE), all(make(TWO), write(ONE))],
    'a write that waits': [all(make(ONE), hold), all(make(ONE), hold, write(ONE))],
    'the value of a write that waits': [all(make(ONE), hold, write(ONE)), all(make(ONE), hold, write(TWO))],
    'the owner of a write that waits': [all(make(ONE), hold, write(ONE, { owner: 'o' })), all(make(ONE), hold, write(ONE, { owner: 'p' }))],
    'the method of a write that waits': [
      all(make(ONE), hold, write(ONE)),
      all(make(ONE), hold, (world) => void world.call('b', add, { name, delta: ONE })),
    ],
    'a watch that waits': [make(ONE), all(make(ONE), watching('a'))],
    'the order of watches that wait': [all(make(ONE), watching('a'), watching('b')), all(make(ONE), watching('b'), watching('a'))],
  });
});

describe('the state of a queue shows', () => {
  const { open, put, putMany, get, getMany, deliver, nak, join, taskDone, shutdown, watch } = QueueService.methods;
  const make = (options: object): Steps => {
    return (world) => void world.ask('a', open, { name, ...options });
  };
  const add = (value: string, placing: object = {}): Steps => {
    return (world) => void world.ask('a', put, { name, value, ...placing });
  };
  const addMany = (...values: string[]): Steps => {
    return (world) => void world.call('a', putMany, { name, values });
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
    'an item': [add(ONE), add(TWO)],
    'the order of items': [addMany(ONE, TWO), addMany(TWO, ONE)],
    'the priority of an item': [all(make({ order: 3 }), add(ONE, { priority: 1 })), all(make({ order: 3 }), add(ONE, { priority: 2 }))],
    'the order of items of equal priority': [all(make({ order: 3 }), add(ONE), add(TWO)), all(make({ order: 3 }), add(TWO), add(ONE))],
    'a delayed item': [add(ONE, { delayMs: 10 }), add(TWO, { delayMs: 10 })],
    'the time of a delayed item': [add(ONE, { delayMs: 10 }), add(ONE, { delayMs: 20 })],
    'the order of delayed items': [
      all(add(ONE, { delayMs: 10 }), add(TWO, { delayMs: 10 })),
      all(add(TWO, { delayMs: 10 }), add(ONE, { delayMs: 10 })),
    ],
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
    'its shutdown': [all(make({}), end(false)), all(make({}), end(true))],
    'a watch that waits': [
      make({}),
      all(make({}), (world) => {
        const { revision } = world.ask('a', watch, { name });
        world.call('a', watch, { name, from: revision });
      }),
    ],
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
