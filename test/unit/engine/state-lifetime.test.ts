import { describe } from '@jest/globals';
import { DictService } from '../../../proto/gen/commonhold/v1/dict_wire.js';
import { EventService } from '../../../proto/gen/commonhold/v1/event_wire.js';
import { HomeService, type HomeAnswer } from '../../../proto/gen/commonhold/v1/home_wire.js';
import { ListService } from '../../../proto/gen/commonhold/v1/list_wire.js';
import { LockService } from '../../../proto/gen/commonhold/v1/lock_wire.js';
import { ManagerService } from '../../../proto/gen/commonhold/v1/manager_wire.js';
import { PipeService } from '../../../proto/gen/commonhold/v1/pipe_wire.js';
import { QueueService } from '../../../proto/gen/commonhold/v1/queue_wire.js';
import { SemaphoreService } from '../../../proto/gen/commonhold/v1/semaphore_wire.js';
import { ValueService } from '../../../proto/gen/commonhold/v1/value_wire.js';
import type { State } from '../../../proto/state.js';
import type { Method } from '../../../proto/wire/codec.js';
import { encodeMessage } from '../../../proto/wire/message.js';
import { Writer } from '../../../proto/wire/writer.js';
import { payload, reference, type EngineWorld } from '../../support/engine-world.js';
import { engineState, tellsApart, type Steps } from '../../support/state-pairs.js';

// Each pair of histories leads to states that differ in one thing, and so must their digests.

const all = (...steps: Steps[]): Steps => {
  return (world) => {
    for (const step of steps) step(world);
  };
};
const wait = (ms: number): Steps => {
  return (world) => world.time.advance(ms);
};
const end = (session: string): Steps => {
  return (world) => world.end(session);
};
const destroy = (name: string): Steps => {
  return (world) => void world.ask('a', ManagerService.methods.destroy, { name });
};

/** A request for a home, or a call of a backup. */
function request<I>({ name, input }: Method<I>, message: I): { method: string; request: Uint8Array } {
  return { method: name, request: encodeMessage(new Writer(), input, message) };
}

const VALUE = { name: 'v', exclusive: false, initial: payload(1) };

describe('the state of the clock shows', () => {
  const wakeUp = (timeoutMs: number): Steps => {
    return (world) => world.cancel('a', world.call('a', QueueService.methods.get, { name: 'q', timeoutMs }));
  };
  const waiting = (timeoutMs: number): Steps => {
    return (world) => void world.call('a', QueueService.methods.get, { name: 'q', timeoutMs });
  };

  tellsApart(
    {
      'the time of a timer': [waiting(1), waiting(2)],
      'the order of timers of one time': [all(waiting(2), waiting(2), waiting(1)), all(waiting(2), waiting(1), waiting(2))],
      'the number of its timers so far': [waiting(0), wakeUp(1)],
    },
    (world) => engineState(world)['clock'],
  );
});

describe('the state of sessions shows', () => {
  const put = (...values: number[]): Steps => {
    return (world) => void world.ask('p', QueueService.methods.putMany, { name: 'q', values: values.map(payload) });
  };
  const takeOf =
    (name: string, max = 1): Steps =>
    (world) =>
      void world.call('a', QueueService.methods.getMany, { name, max });
  const take = (max: number): Steps => takeOf('q', max);
  const deliverMany = (max: number): Steps => {
    return (world) => void world.call('a', QueueService.methods.deliver, { name: 'q', max });
  };
  const deliver = deliverMany(1);
  const acquire =
    (name: string): Steps =>
    (world) =>
      void world.call('a', LockService.methods.acquire, { name });
  const permit = (permits: number): Steps => {
    return (world) => void world.ask('p', SemaphoreService.methods.open, { name: 's', permits });
  };
  const acknowledge =
    (id: number, count?: number): Steps =>
    (world) =>
      world.acknowledge('a', id, count);
  const send =
    (value: number, name = 'p', number = 1): Steps =>
    (world) =>
      void world.ask('p', PipeService.methods.send, { name, end: number, message: payload(value) });
  const receive =
    (name = 'p', number = 0): Steps =>
    (world) =>
      void world.call('a', PipeService.methods.receive, { name, end: number, max: 1 });
  const use =
    (name: string, number: 0 | 1): Steps =>
    (world) =>
      void world.ask('a', PipeService.methods.open, { name, end: number });
  const watch = (name: string): Steps => {
    return (world) => void world.ask('a', DictService.methods.watch, { name, watch: 1 });
  };
  const iterate =
    (name: string): Steps =>
    (world) => {
      world.ask('p', ListService.methods.push, { name, values: [1, 2, 3].map(payload) });
      world.ask('a', ListService.methods.scan, { name, pageSize: 1 });
    };
  const proceed = (pageToken: string): Steps => {
    return (world) => void world.ask('a', ListService.methods.scan, { name: 'l', pageSize: 1, pageToken });
  };
  const makeAnonymous: Steps = (world) => void world.ask('a', ListService.methods.open, { name: '~x' });
  const offerBy = (session: string): Steps => {
    return (world) => void world.ask(session, HomeService.methods.offer, { open: request(ValueService.methods.open, VALUE) });
  };
  const offer = offerBy('a');
  const callHome: Steps = (world) => void world.call('a', ValueService.methods.get, { name: 'v' });

  tellsApart(
    {
      'an answer that is not acknowledged': [all(put(1), take(1)), all(put(1), take(1), acknowledge(1))],
      'an answer that is acknowledged in part': [all(put(1, 2), take(2)), all(put(1, 2), take(2), acknowledge(1, 1))],
      'the items of an answer that is not acknowledged': [all(put(1), take(1)), all(put(2), take(1))],
      'that the queue of an answer is gone': [all(put(1), take(1)), all(put(1), take(1), destroy('q'), put(1))],
      'the queue of an answer': [
        all(put(1), take(1)),
        all(put(1), (world) => void world.ask('p', QueueService.methods.put, { name: 'r', value: payload(1) }), takeOf('r')),
      ],
      'the pipe of an answer': [all(send(1), receive()), all(send(1, 'q'), receive('q'))],
      'the end of the pipe of an answer': [all(send(1), receive()), all(send(1, 'p', 0), receive('p', 1))],
      'that the pipe of an answer is gone': [all(send(1), receive()), all(send(1), receive(), destroy('p'))],
      'the messages of an answer that is not acknowledged': [all(send(1), receive()), all(send(2), receive())],
      'the delivery of an answer that is not acknowledged': [all(put(1), deliver), all(put(1), deliver, acknowledge(1))],
      'the deliveries of an answer that is not acknowledged': [all(put(1, 2), deliverMany(1)), all(put(1, 2), deliverMany(2))],
      'the lock of an answer that is not acknowledged': [acquire('l'), all(acquire('l'), acknowledge(1))],
      'the permits of an answer that is not acknowledged': [
        all(permit(1), (world) => void world.call('a', SemaphoreService.methods.acquire, { name: 's' })),
        all(permit(1), (world) => void world.call('a', SemaphoreService.methods.acquire, { name: 's' }), acknowledge(1)),
      ],
      'a call that waits': [take(1), all(take(1), (world) => world.cancel('a', 1))],
      'the session of a call that waits': [take(1), (world) => void world.call('b', QueueService.methods.getMany, { name: 'q', max: 1 })],
      'the id of a call that waits': [
        all(take(1), take(1), (world) => world.cancel('a', 1)),
        all(take(1), take(1), (world) => world.cancel('a', 2)),
      ],
      'the method of a call that waits': [take(1), deliver],
      'the order of ends of pipes': [all(use('p', 0), use('p', 1)), all(use('p', 1), use('p', 0))],
      'the order of ends of two pipes': [all(use('p', 0), use('q', 0)), all(use('q', 0), use('p', 0))],
      'the order of a lock and the end of a pipe': [all(acquire('l'), use('p', 0)), all(use('p', 0), acquire('l'))],
      'the order of watches of two objects': [all(watch('d'), watch('e')), all(watch('e'), watch('d'))],
      'the order of watches of an object and a later one of its name': [
        all(watch('d'), destroy('d'), watch('e'), watch('d')),
        all(watch('d'), destroy('d'), watch('d'), watch('e')),
      ],
      'the order of iterations of two lists': [all(iterate('l'), iterate('m')), all(iterate('m'), iterate('l'))],
      'the order of iterations of one list': [all(iterate('l'), iterate('l')), all(iterate('l'), iterate('l'), proceed('1.1'))],
      'the order of a lock and of objects without names': [all(acquire('l'), makeAnonymous), all(makeAnonymous, acquire('l'))],
      'the order of a lock and of being a home': [all(acquire('l'), offer), all(offer, acquire('l'))],
      'the order of a lock and of calls of a home': [all(offerBy('h'), acquire('l'), callHome), all(offerBy('h'), callHome, acquire('l'))],
    },
    (world) => world.sessions(),
  );
});

/** The objects of the engine by name. */
function objectsOf(world: EngineWorld): State {
  return (engineState(world)['keyspace'] as { objects: State }).objects;
}

describe('the state of the keyspace shows', () => {
  const { open } = DictService.methods;
  const make = (name: string, ttlMs?: number): Steps => {
    return (world) => void world.ask('a', open, { name, ttlMs });
  };
  const expire =
    (name: string, ttlMs?: number): Steps =>
    (world) =>
      void world.ask('a', ManagerService.methods.expire, { name, ttlMs });
  const watch = (from?: number): Steps => {
    return (world) => void world.call('w', DictService.methods.watch, { name: 'd', watch: 1, from });
  };
  /** A watch that knows an object of the name, which is not there. */
  const follow =
    (session: string, name = 'v', method: Method = EventService.methods.watch, timeoutMs?: number): Steps =>
    (world) =>
      void world.call(session, method, { name, from: 1, follow: true, timeoutMs });

  tellsApart(
    {
      'the name of an object': [make('d'), make('e')],
      'the kind of an object': [make('d'), (world) => void world.ask('a', ListService.methods.open, { name: 'd' })],
      'the end of an object': [make('d', 10), make('d', 20)],
      'an end that was taken back': [make('d', 10), all(make('d', 10), expire('d'))],
      'the order of objects that end at once': [all(make('d', 10), make('e', 10)), all(make('e', 10), make('d', 10))],
      'a watch that waits for the next object of its name': [make('d'), all(make('d'), follow('a'))],
      'the name that a watch waits for': [follow('a', 'v'), follow('a', 'w')],
      'the kind that a watch waits for': [follow('a'), follow('a', 'v', QueueService.methods.watch)],
      'the order of watches that wait for a name': [all(follow('a'), follow('b')), all(follow('b'), follow('a'))],
      'the timeout of a watch that waits for a name': [follow('a'), follow('a', 'v', EventService.methods.watch, 10)],
      'the changes of an object that has ended': [all(make('d'), watch(), destroy('d')), all(make('d'), destroy('d'), watch())],
    },
    (world) => engineState(world)['keyspace'],
  );
});

describe('the state of objects without names shows', () => {
  const { open, push } = ListService.methods;
  const { claim, dismiss } = ManagerService.methods;
  const make =
    (session: string, name = '~x'): Steps =>
    (world) =>
      void world.ask(session, open, { name });
  const store = (list: string, ...names: string[]): Steps => {
    return (world) => void world.ask('s', push, { name: list, values: names.map(reference) });
  };
  const read = (session: string, list: string): Steps => {
    return (world) => void world.ask(session, ListService.methods.slice, { name: list });
  };
  const leave =
    (session: string, name = '~x'): Steps =>
    (world) =>
      void world.call(session, dismiss, { name });

  tellsApart(
    {
      'the session that has one': [make('a'), make('b')],
      'a session that claimed one': [make('a'), all(make('a'), (world) => void world.ask('b', claim, { name: '~x' }))],
      'a session that dismissed one': [all(make('a'), store('l', '~x')), all(make('a'), store('l', '~x'), leave('a'))],
      'the number of references to one': [all(make('a'), store('l', '~x')), all(make('a'), store('l', '~x', '~x'))],
      'the object that refers to one': [all(make('a'), store('l', '~x')), all(make('a'), store('m', '~x'))],
      'the number of references that were sent': [
        all(make('a'), store('l', '~x'), read('b', 'l')),
        all(make('a'), store('l', '~x'), read('b', 'l'), read('b', 'l')),
      ],
      'the time that a unary call gave one': [make('unary'), all(make('unary'), wait(1), read('unary', '~x'))],
      'the time after the end of a session': [all(make('a'), end('a')), all(make('a'), wait(1), end('a'))],
      'the objects of a session that has ended': [
        all(make('b', '~x'), make('b', '~y'), make('a', '~x'), end('a')),
        all(make('b', '~x'), make('b', '~y'), make('a', '~y'), end('a')),
      ],
      'the order in which a session got them': [all(make('a', '~x'), make('a', '~y')), all(make('a', '~y'), make('a', '~x'))],
      'one that is held although nothing refers to it': [
        all((world) => void world.ask('a', LockService.methods.open, { name: '~l' }), leave('a', '~l')),
        all((world) => void world.call('a', LockService.methods.acquire, { name: '~l' }, { name: '~l' }), leave('a', '~l')),
      ],
    },
    (world) => [
      (engineState(world)['keyspace'] as { anonymous: State }).anonymous,
      (engineState(world)['clock'] as { timers: State }).timers,
    ],
  );
});

describe('the state of objects at home elsewhere shows', () => {
  const { offer, next, answer, backup, leave } = HomeService.methods;
  const offering =
    (session: string, name = 'v'): Steps =>
    (world) =>
      void world.ask(session, offer, { open: request(ValueService.methods.open, { ...VALUE, name }) });
  const call =
    (session: string, value: number, timeoutMs?: number): Steps =>
    (world) =>
      void world.call(session, ValueService.methods.set, { name: 'v', value: payload(value), timeoutMs });
  const fetch: Steps = (world) => void world.call('h', next);
  const keep = (value: number): Steps => {
    return (world) => {
      const calls = [request(ValueService.methods.open, { ...VALUE, initial: payload(value) })];
      world.ask('h', backup, { name: 'v', calls });
    };
  };
  const done = (id: number): HomeAnswer => ({ id, response: new Uint8Array() });
  const reply = (...answers: HomeAnswer[]): Steps => {
    return (world) => void world.ask('h', answer, { answers });
  };

  tellsApart(
    {
      'the home of an object': [offering('h'), offering('i')],
      'the order of objects of a home': [all(offering('h', 'v'), offering('h', 'w')), all(offering('h', 'w'), offering('h', 'v'))],
      'a backup': [all(offering('h'), keep(1)), all(offering('h'), keep(2))],
      'a call that waits for the home': [all(offering('h'), call('a', 1)), all(offering('h'), call('a', 2))],
      'the session of a call that waits for the home': [all(offering('h'), call('a', 1)), all(offering('h'), call('b', 1))],
      'the order of calls that wait for the home': [
        all(offering('h'), call('a', 1), call('b', 2)),
        all(offering('h'), call('b', 2), call('a', 1)),
      ],
      'a call that was answered': [all(offering('h'), call('a', 1), fetch), all(offering('h'), call('a', 1), fetch, reply(done(1)))],
      'a call that the home has fetched': [all(offering('h'), call('a', 1)), all(offering('h'), call('a', 1), fetch)],
      'an event that the home has not fetched': [
        all(offering('h'), call('a', 1), fetch, reply(done(1)), end('a')),
        all(offering('h'), call('a', 1), fetch, reply(done(1)), end('a'), fetch),
      ],
      'the sessions that have called a home': [
        all(offering('h'), call('a', 1), fetch, reply(done(1))),
        all(offering('h'), call('b', 1), fetch, reply(done(1))),
      ],
      'the number of its calls so far': [
        all(offering('h'), call('a', 1), fetch, reply(done(1))),
        all(offering('h'), call('a', 1), call('a', 1), fetch, reply(done(1), done(2))),
      ],
      'a call that was cancelled': [
        all(offering('h'), call('a', 1), fetch),
        all(offering('h'), call('a', 1), fetch, (world) => world.cancel('a', 1)),
      ],
      'a home that waits for calls': [offering('h'), all(offering('h'), fetch)],
      'an object that was destroyed lately': [offering('h'), all(offering('h'), destroy('v'))],
      'an object that ended with its home': [
        all(offering('h'), (world) => void world.ask('h', leave)),
        all(offering('h'), destroy('v'), (world) => void world.ask('h', leave)),
      ],
      'a question of the manager to a home': [
        offering('h'),
        all(offering('h'), (world) => void world.call('a', ManagerService.methods.describe, { name: 'v' })),
      ],
    },
    (world) => [engineState(world)['homes'], objectsOf(world)],
  );
});

describe('the state of an engine shows', () => {
  const restart =
    (ms: number): Steps =>
    (world) =>
      world.engine.pass(world.clock.wallTime + ms);

  tellsApart(
    { 'the revisions that a start of the manager jumped over': [restart(2), all(restart(1), restart(2))] },
    (world) => engineState(world)['keyspace']!,
  );
});
