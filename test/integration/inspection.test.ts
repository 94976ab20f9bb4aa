import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { inspect } from 'node:util';
import { Arena, KindMismatchError, Manager, type Pool, type WorkerHandle } from 'commonhold';
import type tasks from './programs/tasks.js';

interface Tasks {
  default: typeof tasks;
}
const TASKS = new URL('./programs/tasks.js', import.meta.url);
const TOKEN = 'correct-horse-battery';

let manager: Manager;
let arena: Arena;
let pool: Pool<Tasks>;
let worker: WorkerHandle<unknown>;
/** One of each type of object that a program may log, with its line. */
let things: [string, unknown][];

beforeAll(async () => {
  arena = Arena.create();
  manager = await Manager.start({ token: TOKEN });
  pool = manager.pool<Tasks>(TASKS, { processes: 1, name: 'tasks' });
  worker = manager.worker({ name: 'worker' }).fork<Tasks>(TASKS, 'nothing');
  await worker.join();
  things = await make();
});
afterAll(async () => {
  await pool.terminate();
  await manager.close();
  await arena.close();
});

async function make(): Promise<[string, unknown][]> {
  const at = ` at ${manager.address} }`;
  const dict = manager.dict<string, { tags: string[] }>('scores');
  await dict.set('ada', { tags: [] });
  const queue = manager.queue<number>('jobs');
  await queue.put(1);
  const held = await manager.lock('lock').acquire();
  const released = await manager.lock('other').acquire();
  await released.release();
  const disposed = manager.dict();
  await disposed[Symbol.asyncDispose]();
  return [
    [`Manager { ${manager.address}, connected }`, manager],
    [`SharedDict { 'scores'${at}`, dict],
    [`SharedDict { '${disposed.name}' at ${manager.address}, disposed }`, disposed],
    [`SharedList { 'list'${at}`, manager.list('list')],
    [`SharedValue { 'value'${at}`, manager.value('value', 1)],
    [`BoundedSemaphore { 'permits'${at}`, manager.boundedSemaphore('permits', 1)],
    [`PipeEnd { 'pipe'${at}`, manager.pipe('pipe')[0]],
    [`RemoteObjectProxy { 'account'${at}`, manager.object('Account', 'account')],
    [`PathOperations { 'scores' [ 'ada', 'tags' ]${at}`, dict.path('ada', 'tags')],
    [`CachedDict { 'scores', entries: 0 }`, dict.cached()],
    [`AtomicBatch { checks: 1, operations: 1${at}`, manager.atomic().check(dict, 'a', undefined).delete(dict, 'a')],
    [`Held { 'lock', token ${held.token}, held }`, held],
    [`Held { 'other', token ${released.token}, released }`, released],
    [`Delivery { of 'jobs', attempt 1, held }`, await queue.get({ ack: true })],
    [`OwnerToken { 'me' }`, manager.owner('me')],
    [`Pool { 'tasks', workers: 1, running: 0, queued: 0 }`, pool],
    [`WorkerHandle { 'worker', ended with code 0 }`, worker],
    [`Arena { ${arena.address} }`, arena],
    [`SyncDict { 'near' }`, arena.dict('near').sync],
  ];
}

describe('an object that a program logs', () => {
  it('shows kind, name and state in one line', async () => {
    for (const [line, thing] of things) expect(inspect(thing)).toBe(line);
  });

  it('reads as kind and name in a template string', () => {
    const text = (proxy: object): string => `on ${proxy as unknown as string}`;
    expect(text(manager.dict('scores'))).toBe(`on dict 'scores' at ${manager.address}`);
    expect(text(manager.object('Account', 'account'))).toBe(`on object 'account' at ${manager.address}`);
  });

  it('never contains the token, at any depth', async () => {
    const failure: unknown = await manager
      .list('scores')
      .length()
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(KindMismatchError);
    const all = [...things.map(([, thing]) => thing), failure, manager.dict('scores').entries(), manager.list('list').watch()];
    for (const thing of all) {
      expect(inspect(thing, { showHidden: true, depth: Infinity })).not.toContain('horse');
      expect(inspect(thing, { showHidden: true, depth: Infinity, customInspect: false })).not.toContain('horse');
      expect(String(JSON.stringify(thing))).not.toContain('horse');
    }
  });
});
