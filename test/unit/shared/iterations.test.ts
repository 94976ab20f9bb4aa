import { beforeEach, describe, expect, test } from '@jest/globals';
import { Session } from '../../../engine/core/session.js';
import { createSharedEngine, type SharedEngine } from '../../../engine/shared/index.js';
import { Region } from '../../../engine/shared/memory/region.js';
import { encodePayload } from '../../../proto/codec/payload.js';
import type { CallContext } from '../../../proto/contract.js';
import { ListService } from '../../../proto/gen/commonhold/v1/list_wire.js';
import { ManagerService } from '../../../proto/gen/commonhold/v1/manager_wire.js';
import type { Method } from '../../../proto/wire/codec.js';
import { KERNELS, newArena } from '../../support/shared-heap.js';

describe.each(KERNELS)('an open iteration over a list in shared memory, %s', (_name, wasm) => {
  let engine: SharedEngine;
  let session: Session;
  const call = async (method: Method, request: object): Promise<unknown> => {
    const context: CallContext = { session, readOnly: false, cancel: undefined, handOver() {} };
    return engine.handler(method)!(request, context);
  };

  beforeEach(async () => {
    engine = newArena(wasm);
    session = new Session('one');
    await call(ListService.methods.push, { name: 'list', values: [1, 2, 3].map((item) => encodePayload(item)) });
    await call(ListService.methods.scan, { name: 'list', pageToken: '', pageSize: 1, leave: false });
    expect(session.holds.size).toBe(1);
  });

  test('ends with the list', async () => {
    await call(ManagerService.methods.destroy, { name: 'list', kind: '' });
    expect(session.holds.size).toBe(0);
    engine.close();
  });

  test.each<[string, () => unknown]>([
    ['is told so', () => engine.objects.forgetEnded('list')],
    ['is to destroy it too', () => call(ManagerService.methods.destroy, { name: 'list', kind: '' })],
    ['finds another list of that name', () => call(ListService.methods.push, { name: 'list', values: [] })],
  ])('ends when its thread %s, after another thread destroyed the list', async (_what, learn) => {
    const other = createSharedEngine(new Region(engine.thread.region.handle));
    other.objects.destroy('list', '');
    await learn();
    expect(session.holds.size).toBe(0);
    for (const each of [other, engine]) each.close();
  });
});
