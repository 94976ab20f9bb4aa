import { expect, test as it } from '@jest/globals';
import { InvalidArgumentError, StaleFenceError, type Held, type Manager } from '../../client/index.js';
import { aborted, fresh, suite } from './support.js';
import type { Target } from './target.js';

// A fenced write goes through only while its lock is held under its token.

export function fenceSuite(target: Target): void {
  suite(target, 'dict: fences', (clients) => {
    it.each([
      ['lock', (manager: Manager) => manager.lock(fresh('lock')).acquire()],
      ['rlock', (manager: Manager) => manager.rlock(fresh('rlock')).acquire()],
      ['value', (manager: Manager) => manager.value(fresh('value'), 1).lock()],
      ['array', (manager: Manager) => manager.array(fresh('array'), 'i8', 1).lock()],
      ['condition', (manager: Manager) => manager.condition(fresh('condition')).acquire()],
      ['condition of a lock', (manager: Manager) => manager.condition(fresh('condition'), manager.lock(fresh('lock'))).acquire()],
    ] as const)('a write goes through while its fence is held, and not after (%s)', async (_, acquire) => {
      const dict = clients.two.dict<string, number>(fresh('dict'));
      const held: Held = await acquire(clients.one);
      await dict.set('a', 1, { fence: held });
      await held.release();
      await expect(dict.set('a', 2, { fence: held })).rejects.toBeInstanceOf(StaleFenceError);
      expect(await dict.get('a')).toBe(1);
    });

    it('a holder whose lease ended changes nothing, the next one does', async () => {
      const lock = clients.one.lock(fresh('lock'));
      const dict = clients.one.dict<string, string>(fresh('dict'));
      const late = await lock.acquire({ lease: 20 });
      const next = await clients.two.lock(lock.name).acquire();
      await aborted(late.signal);
      await clients.two.dict<string, string>(dict.name).set('by', 'next', { fence: next });
      await expect(dict.set('by', 'late', { fence: late })).rejects.toMatchObject({ code: 'STALE_FENCE', object: dict.name });
      expect(await dict.get('by')).toBe('next');
      await next.release();
    });

    it('a fence that is no hold is refused', async () => {
      const dict = clients.one.dict<string, number>(fresh('dict'));
      await expect(dict.set('a', 1, { fence: {} as Held })).rejects.toBeInstanceOf(InvalidArgumentError);
    });

    it('a batch with a stale fence applies nothing', async () => {
      const dict = clients.one.dict<string, number>(fresh('dict'));
      const held = await clients.one.lock(fresh('lock')).acquire();
      await clients.one.atomic().set(dict, 'a', 1, { fence: held }).commit();
      await held.release();
      const batch = clients.one.atomic().set(dict, 'b', 1).set(dict, 'a', 2, { fence: held });
      await expect(batch.commit()).rejects.toBeInstanceOf(StaleFenceError);
      expect(await dict.toMap()).toEqual(new Map([['a', 1]]));
    });
  });
}
