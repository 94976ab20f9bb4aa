import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as commonhold from 'commonhold';
import { Arena, Manager, type Pool, type WorkerModule } from 'commonhold';

// Objects of this package as a person sees them, by console.log and in text.

const WORKER = new URL('./programs/counting.js', import.meta.url);

let manager: Manager;
let arena: Arena;
let pool: Pool<WorkerModule>;
beforeAll(async () => {
  manager = await Manager.start();
  arena = Arena.create();
  pool = manager.pool(WORKER, { threads: 1 });
});
afterAll(async () => {
  await Promise.all(manager.activeWorkers().map((worker) => worker.kill()));
  await pool.terminate();
  await arena.close();
  await manager.close();
});

/** Each with the class that its line begins with. */
const OBJECTS: Record<string, () => unknown> = {
  Manager: () => manager,
  Arena: () => arena,
  SharedDict: () => manager.dict('d'),
  SharedQueue: () => manager.queue('q'),
  Lock: () => manager.lock('l'),
  PathOperations: () => manager.dict('d').path('a'),
  AtomicBatch: () => manager.atomic(),
  CachedDict: () => manager.dict('d').cached(),
  Held: () => manager.lock('l').acquire(),
  OwnerToken: () => manager.owner(),
  WorkerFactory: () => manager.worker(),
  Pool: () => pool,
  ImapJob: () => pool.imap([]),
  WorkerHandle: () => manager.thread(WORKER),
  Schedule: () => manager.schedule('s', { every: 600_000 }, manager.queue('q'), 1),
  Watch: () => manager.dict('d').watch(),
  QueueIterator: () => manager.queue('q')[Symbol.asyncIterator](),
  DeliveryIterator: () => manager.queue('q').deliveries(),
  SyncDict: () => arena.dict('d').sync,
  SyncLock: () => arena.lock('l').sync,
  SyncHold: () => arena.lock('l').sync.tryAcquire(),
  SyncPermits: () => arena.semaphore('s', 1).sync.tryAcquire(),
  SyncHeldValue: () => arena.value('v', 1).sync.lock({ timeout: 0 }),
};

describe('an object of the package', () => {
  it.each(Object.entries(OBJECTS))('is shown in one line, which is also its text: %s', async (name, make) => {
    const object = await make();
    const line = inspect(object);
    expect(line).toMatch(new RegExp(`^${name} \\{ .+ \\}$`));
    if (!(object as { kind?: string }).kind) expect(String(object)).toBe(line);
    else expect(String(object)).not.toMatch(/^\[object/);
  });

  it('says that this program has closed its manager', async () => {
    const client = await Manager.connect(manager.address);
    const [dict, lock] = [client.dict('d'), client.lock('l')];
    expect(inspect(dict)).not.toContain('closed');
    await client.close();
    expect([inspect(dict), String(lock)]).toEqual([expect.stringMatching(/, closed \}$/), expect.stringMatching(/, closed$/)]);
  });

  it('has the name of its class in stacks', () => {
    const renamed = Object.entries(commonhold).filter(([name, value]) => typeof value === 'function' && value.name !== name);
    expect(renamed).toEqual([]);
    expect((Object.getPrototypeOf(manager.dict('d')) as object).constructor.name).toBe('SharedDict');
  });
});
