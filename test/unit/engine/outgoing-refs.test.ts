import { describe, expect, test } from '@jest/globals';
import { encodePayload } from '../../../proto/codec/payload.js';
import { REFERENCE } from '../../../proto/codec/reference.js';
import type { CallContext, HandedOver } from '../../../proto/contract.js';
import { Session } from '../../../engine/core/session.js';
import { Keyspace } from '../../../engine/memory/lifetime/keyspace.js';
import { pipeHandlers } from '../../../engine/memory/objects/pipe.js';
import { queueHandlers } from '../../../engine/memory/objects/queue-handlers.js';
import { realClock } from '../../support/turns.js';
import { GrowingNumbers } from '../../../engine/core/growing-numbers.js';

const clock = realClock();
const value = encodePayload([{ [REFERENCE]: () => ({ kind: 'list', name: '~inner', address: '' }) }]);

type Handler = (request: never, context: CallContext) => unknown;

/** Ways to take a value out of an object, which is given back later. */
const WAYS: Readonly<Record<string, (keyspace: Keyspace, call: (handler: Handler, request: object) => unknown) => void>> = {
  'get of a queue': (keyspace, call) => {
    const { put, get } = queueHandlers(keyspace, new GrowingNumbers(clock));
    call(put, { name: 'object', value });
    call(get, { name: 'object' });
  },
  'getMany of a queue': (keyspace, call) => {
    const { put, getMany } = queueHandlers(keyspace, new GrowingNumbers(clock));
    call(put, { name: 'object', value });
    call(getMany, { name: 'object', max: 2 });
  },
  'deliver of a queue': (keyspace, call) => {
    const { put, deliver } = queueHandlers(keyspace, new GrowingNumbers(clock));
    call(put, { name: 'object', value });
    call(deliver, { name: 'object', max: 2, leaseMs: 10_000 });
  },
  'receive of a pipe': (keyspace, call) => {
    const { send, receive } = pipeHandlers(keyspace);
    call(send, { name: 'object', end: 1, message: value });
    call(receive, { name: 'object', end: 0, max: 1 });
  },
};

describe.each(Object.keys(WAYS))('a value that %s took', (way) => {
  test('refers to nothing if it is given back after the object was destroyed', () => {
    const keyspace = new Keyspace(clock);
    const session = new Session('session');
    const back: HandedOver[] = [];
    const call = (handler: Handler, request: object): unknown =>
      clock.turn(() =>
        handler(request as never, { session, readOnly: false, cancel: undefined, handOver: (handedOver) => back.push(handedOver) }),
      );
    // A session keeps it, so that it is there to be looked at.
    const inner = keyspace.anonymous.node('~inner');
    clock.turn(() => keyspace.anonymous.claim(inner, new Session('other')));
    WAYS[way]!(keyspace, call);
    clock.turn(() => {
      keyspace.destroy('object', '');
      for (const handedOver of back) handedOver.giveBack(0, true);
      session.end();
    });
    expect([...inner.referrers.keys()]).toEqual([]);
    keyspace.close();
  });
});
