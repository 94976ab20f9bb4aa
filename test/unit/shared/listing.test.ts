import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { createSharedEngine } from '../../../engine/shared/index.js';
import { Session } from '../../../engine/core/session.js';
import { Region } from '../../../engine/shared/memory/region.js';
import type { CallContext } from '../../../proto/contract.js';
import { ManagerService } from '../../../proto/gen/commonhold/v1/manager_wire.js';
import { KINDS } from '../../../proto/gen/commonhold/v1/services_wire.js';
import type { Method } from '../../../proto/wire/codec.js';
import { KERNELS, newArena } from '../../support/shared-heap.js';

const context: CallContext = { session: new Session('one'), readOnly: false, cancel: undefined, handOver() {} };
const OPENINGS = { barrier: { parties: 2 }, dict: {}, list: {}, lock: {}, queue: { order: 0 }, semaphore: { permits: 1, bounded: false } };

afterEach(() => {
  jest.restoreAllMocks();
});

describe.each(KERNELS)('the description of all objects, one of which another thread destroys meanwhile, %s', (_name, wasm) => {
  test.each(Object.entries(OPENINGS))('has the others: a %s', async (kind, opening) => {
    const arena = newArena(wasm);
    const other = createSharedEngine(new Region(arena.thread.region.handle));
    const call = async (method: Method, request: object): Promise<unknown> => arena.handler(method)!(request, context);
    for (const name of ['ends', 'stays']) {
      await call(KINDS[kind as keyof typeof OPENINGS].methods.open, { ...opening, name, exclusive: false });
    }
    const all = arena.objects.all.bind(arena.objects);
    jest.spyOn(arena.objects, 'all').mockImplementation(function* () {
      yield* all();
      other.objects.destroy('ends', '');
    });

    const listed = await call(ManagerService.methods.listObjects, { kind: '', match: '', pageToken: '', pageSize: 0 });
    await call(ManagerService.methods.stats, {});

    expect(listed).toMatchObject({ objects: expect.arrayContaining([expect.objectContaining({ name: 'stays', kind })]) });
    other.close();
    arena.close();
  });
});
