import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { USUAL_LIMITS } from '../../../engine/core/limits.js';
import { Session } from '../../../engine/core/session.js';
import { createMemoryEngine, type MemoryEngine } from '../../../engine/memory/index.js';
import { hostWith } from '../../support/host.js';
import { decodePayload, encodePayload } from '../../../proto/codec/payload.js';
import type { CallContext } from '../../../proto/contract.js';
import { EventService } from '../../../proto/gen/commonhold/v1/event_wire.js';
import { HomeService } from '../../../proto/gen/commonhold/v1/home_wire.js';
import { ManagerService } from '../../../proto/gen/commonhold/v1/manager_wire.js';
import { ValueService } from '../../../proto/gen/commonhold/v1/value_wire.js';
import type { Method } from '../../../proto/wire/codec.js';
import { encodeMessage } from '../../../proto/wire/message.js';
import { Writer } from '../../../proto/wire/writer.js';

// Homes as the manager sees them, with a mocked clock: offers that fail, and backups that fail.

const NAME = 'v';
const { open, get, add } = ValueService.methods;
const { offer, backup } = HomeService.methods;

let engine: MemoryEngine;
let home: Session;
const client = new Session('client');

beforeEach(() => {
  jest.useFakeTimers();
  home = new Session('home');
  engine = createMemoryEngine(hostWith());
});

afterEach(() => {
  engine.close();
  jest.useRealTimers();
});

function call<I, O>(method: Method<I, O>, request: I, session: Session): O {
  const context: CallContext = { session, readOnly: false, cancel: undefined, handOver() {} };
  return engine.handler(method)!(request, context) as O;
}

function homeRequest<I>({ name, input }: Method<I>, request: I) {
  return { method: name, request: encodeMessage(new Writer(), input, request) };
}

/** Has the home offer a value that ends in a second. */
function offerValue(): void {
  const request = { name: NAME, exclusive: false, ttlMs: 1_000, initial: encodePayload(1) };
  expect(call(offer, { open: homeRequest(open, request) }, home)).toEqual({ created: true });
}

function makeValue(): void {
  call(open, { name: NAME, exclusive: true, initial: encodePayload(2) }, client);
}

const describeValue = () => call(ManagerService.methods.describe, { name: NAME }, client);

describe('an offer', () => {
  test('that fails does not make the session a home', () => {
    makeValue();
    const request = { name: NAME, exclusive: false, initial: encodePayload(1) };
    expect(() => call(offer, { open: homeRequest(open, request) }, home)).toThrow('held by the manager');
    expect(home.holds.size).toBe(0);
  });

  test('of a unary call is refused', () => {
    const request = { name: NAME, exclusive: false, initial: encodePayload(1) };
    expect(() => call(offer, { open: homeRequest(open, request) }, new Session(''))).toThrow('a unary call cannot be a home');
  });
});

describe('a backup', () => {
  test('keeps the time to live of the object', () => {
    offerValue();
    const request = { name: NAME, exclusive: false, initial: encodePayload(1) };
    call(backup, { name: NAME, calls: [homeRequest(open, request)] }, home);
    engine.turn(() => home.end());
    expect(describeValue()).toMatchObject({ object: { expiresInMs: 1_000 } });
  });

  test.each([
    ['that fails', homeRequest(add, { name: NAME, delta: encodePayload(1) }), 'there is no value "v"'],
    ['that makes no object', homeRequest(ManagerService.methods.stats, {}), 'it makes no value "v"'],
    ['that makes an object of another kind', homeRequest(EventService.methods.open, { name: NAME, exclusive: false }), 'makes no value'],
    ['that waits', homeRequest(EventService.methods.wait, { name: 'e' }), 'commonhold.v1.EventService/Wait waits'],
  ])('%s ends the object and its time to live', (_what, request, reason) => {
    offerValue();
    call(backup, { name: NAME, calls: [request] }, home);
    engine.turn(() => home.end());
    expect(() => call(get, { name: NAME }, client)).toThrow(reason);
    makeValue();
    jest.advanceTimersByTime(2_000);
    expect(describeValue()).toMatchObject({ object: { kind: 'value', home: undefined, expiresInMs: undefined } });
  });

  test.each([
    ['in whose place the manager has made the object', homeRequest(open, { name: NAME, exclusive: false, initial: encodePayload(1) })],
    ['that has made an object of another kind', homeRequest(EventService.methods.open, { name: NAME, exclusive: false })],
  ])('%s counts no longer', (_what, request) => {
    offerValue();
    call(backup, { name: NAME, calls: [request] }, home);
    engine.turn(() => home.end());
    engine.turn(() => call(ManagerService.methods.destroy, { name: NAME, kind: '' }, client));
    expect(engine.use).toMatchObject({ memory: 0, objects: 0 });
  });

  test('makes the object again also where the memory is full', () => {
    const limits = { ...USUAL_LIMITS };
    engine = createMemoryEngine({ ...hostWith(), limits });
    offerValue();
    const request = { name: NAME, exclusive: false, initial: encodePayload(1) };
    call(backup, { name: NAME, calls: [homeRequest(open, request)] }, home);
    Object.assign(limits, { maxMemory: 1, maxObjects: 0 });
    engine.turn(() => home.end());
    expect(decodePayload(call(get, { name: NAME }, client).value)).toBe(1);
  });
});
