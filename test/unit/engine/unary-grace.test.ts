import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { createMemoryEngine } from '../../../engine/memory/index.js';
import { Session } from '../../../engine/core/session.js';
import type { CallContext, Engine } from '../../../proto/contract.js';
import { ListService } from '../../../proto/gen/commonhold/v1/list_wire.js';
import { ManagerService } from '../../../proto/gen/commonhold/v1/manager_wire.js';
import type { Method } from '../../../proto/wire/codec.js';
import { hostWith } from '../../support/host.js';

// Unary calls belong to no session: anonymous objects that they use are kept for 30 seconds after the last of them.

const NAME = '~unary';
let engine: Engine;

beforeEach(() => {
  jest.useFakeTimers();
  engine = createMemoryEngine(hostWith());
});

afterEach(() => {
  engine.close();
  jest.useRealTimers();
});

function call<I, O>(method: Method<I, O>, request: I): O {
  const context: CallContext = { session: new Session(''), readOnly: method.idempotency === 'read', cancel: undefined, handOver() {} };
  return engine.handler(method)!(request, context) as O;
}

const objects = (): number => call(ManagerService.methods.stats, {}).objects;

it('keeps an anonymous object for 30 seconds after the last unary call that used it', () => {
  call(ListService.methods.open, { name: NAME, exclusive: false });
  jest.advanceTimersByTime(29_000);
  expect(call(ListService.methods.length, { name: NAME })).toEqual({ length: 0 });
  jest.advanceTimersByTime(29_000);
  expect(objects()).toBe(1);
  jest.advanceTimersByTime(2_000);
  expect(objects()).toBe(0);
});
