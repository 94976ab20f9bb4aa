import { describe } from '@jest/globals';
import { ArrayService } from '../../../proto/gen/commonhold/v1/array_wire.js';
import { DictService } from '../../../proto/gen/commonhold/v1/dict_wire.js';
import { ListService } from '../../../proto/gen/commonhold/v1/list_wire.js';
import { ManagerService } from '../../../proto/gen/commonhold/v1/manager_wire.js';
import { NamespaceService } from '../../../proto/gen/commonhold/v1/namespace_wire.js';
import { SetService } from '../../../proto/gen/commonhold/v1/set_wire.js';
import { ValueService } from '../../../proto/gen/commonhold/v1/value_wire.js';
import { payload, reference } from '../../support/engine-world.js';
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
  const open = (maxEntries: number): Steps => {
    return (world) => void world.ask('a', DictService.methods.open, { name, maxEntries });
  };
  const get =
    (key: string): Steps =>
    (world) =>
      void world.ask('a', DictService.methods.get, { name, key });
  const destroy: Steps = (world) => void world.ask('a', ManagerService.methods.destroy, { name });
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
    'the watch that follows a name': [all(put('k', ONE), watchCall({ follow: true })), all(put('k', ONE), watchCall({ follow: false }))],
    'the object before, which a watch may know': [
      all(watchCall({ follow: true }), destroy, put('k', ONE)),
      all(watchCall({ follow: true }), destroy, watchCall({ end: true }), put('k', ONE)),
    ],
    'the time after the last watch': [
      all(waitForChange({ timeoutMs: 10 }, 'unary'), (world) => world.time.advance(10), put('k', ONE)),
      all(waitForChange({ timeoutMs: 10 }, 'unary'), (world) => world.time.advance(10 + 60_000), put('k', ONE)),
    ],
    'the largest number of entries': [open(1), open(2)],
    'the key that was not used for longest': [
      all(open(2), put('k', ONE), put('l', ONE), get('k')),
      all(open(2), put('k', ONE), put('l', ONE)),
    ],
    'the time at which it was made': [put('k', ONE), all((world) => world.time.advance(1), put('k', ONE))],
  });
});

describe('the state of a list shows', () => {
  const { push, unshift, scan, pop } = ListService.methods;
  const addFirst = (value: string): Steps => {
    return (world) => void world.ask('a', unshift, { name, values: [value] });
  };
  const add = (...values: string[]): Steps => {
    return (world) => void world.ask('a', push, { name, values });
  };
  const page =
    (request: object, session = 'a'): Steps =>
    (world) =>
      void world.ask(session, scan, { name, pageSize: 1, ...request });

  tellsApart({
    'the order of items': [add(ONE, TWO), add(TWO, ONE)],
    'the order in which it lets go of objects without names': [
      all(add(reference('~a')), add(reference('~b'))),
      all(add(reference('~b')), addFirst(reference('~a'))),
    ],
    'the number of iterations so far': [add(ONE, TWO), all(add(ONE, TWO), page({}), page({ pageToken: '1.1' }))],
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
  const watching = (session: string, follow?: boolean): Steps => {
    return (world) => {
      const { revision } = world.ask(session, watch, { name });
      world.call(session, watch, { name, from: revision, follow });
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
    'a watch that waits and follows the name': [all(make(ONE), watching('a')), all(make(ONE), watching('a', true))],
    'the order of watches that wait': [all(make(ONE), watching('a'), watching('b')), all(make(ONE), watching('b'), watching('a'))],
  });
});
