import { describe, expect, test } from '@jest/globals';
import type { CallContext } from '../../../proto/contract.js';
import { Session } from '../../../engine/core/session.js';
import { createSharedEngine } from '../../../engine/shared/index.js';
import { O_GUARD, S_TOKEN } from '../../../engine/shared/kernel/layout.js';
import { Region } from '../../../engine/shared/memory/region.js';
import { lockKind } from '../../../engine/shared/objects/lock.js';
import { KERNELS, newArena } from '../../support/shared-heap.js';

function contextOf(session: Session): CallContext {
  return { session, readOnly: false, cancel: undefined, handOver: () => {} };
}

describe.each(KERNELS)('a thread hands on, %s', (_name, wasm) => {
  test('that a hold was abandoned, also if the next call is cancelled as it gets the lock', async () => {
    const arena = newArena(wasm);
    const lock = arena.objects.open(lockKind('lock'), 'lock');
    const [first, second, third] = ['1', '2', '3'].map((id) => contextOf(new Session(id)));
    await lock.acquire(first!, {});
    const cancelled = lock.acquire(second!, {}) as Promise<unknown>;
    (first!.session as Session).end();
    second!.cancel!(new Error('cancelled'));
    await expect(cancelled).rejects.toThrow('cancelled');
    expect(await lock.acquire(third!, { timeoutMs: 0 })).toMatchObject({ abandoned: true });
    arena.close();
  });

  test('its slot, if it leaves while another thread has a guard for too long', () => {
    const arena = newArena(wasm);
    const { thread } = arena;
    const other = createSharedEngine(new Region(thread.region.handle));
    arena.objects.open(lockKind('lock'), 'lock').acquireSync(0);
    const lock = other.objects.open(lockKind('lock'), 'lock');
    expect(other.thread.kernel.enterObject(other.thread.self, lock.object, lock.uid)).toBe(0);
    thread.guards.patience = 30;
    const { self } = thread;
    arena.close();
    other.thread.kernel.leaveObject(other.thread.self, lock.object);
    other.thread.threads.goOn();
    expect(other.thread.word(self + S_TOKEN)).toBe(0);
    lock.free(lock.acquireSync(0));
    expect(lock.abandoned).toBe(true);
    other.close();
  });

  test('memory for another object without the guard, which a third thread may have', () => {
    const arena = newArena(wasm);
    const { objects, thread } = arena;
    const other = createSharedEngine(new Region(thread.region.handle));
    const { object } = objects.open(lockKind('lock'), 'old');
    objects.destroy('old', 'lock');
    thread.setWord(object + O_GUARD, other.thread.token);
    const made = objects.open(lockKind('lock'), 'new');
    expect(made.object).toBe(object);
    expect(thread.word(object + O_GUARD)).toBe(other.thread.token);
    thread.setWord(object + O_GUARD, 0);
    other.close();
    arena.close();
  });
});
