import { once } from 'node:events';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { afterAll, beforeAll, beforeEach, afterEach, expect, test } from '@jest/globals';
import { InvalidArgumentError, Manager, move, WorkerDiedError, type Pool } from 'commonhold';
import type * as moving from './programs/moving.js';

// ArrayBuffers and MessagePorts that move between threads.

type Moving = typeof moving;
const MODULE = new URL('./programs/moving.js', import.meta.url);

let manager: Manager;
let pool: Pool<Moving>;

beforeAll(async () => {
  manager = await Manager.embed();
});
afterAll(async () => {
  await manager.close();
});
beforeEach(() => {
  pool = manager.pool<Moving>(MODULE, { threads: 1 });
});
afterEach(async () => {
  await pool.terminate();
});

test('a moved buffer or view is gone here at once, and arrives with its content', async () => {
  const view = new Uint16Array([5, 6, 7, 8]);
  const looking = pool.apply('look', move(view));
  expect(view.length).toBe(0);
  expect(await looking).toEqual({ type: 'Uint16Array', bytes: 8, first: 5 });
  const buffer = new Uint8Array([4, 3]).buffer;
  expect(await pool.apply('look', move(buffer))).toEqual({ type: 'ArrayBuffer', bytes: 2, first: 4 });
  expect(buffer.byteLength).toBe(0);
});

test('without the mark an argument is copied, and the mark counts once', async () => {
  const view = new Uint8Array([5, 6]);
  await pool.apply('look', view);
  expect(view).toEqual(new Uint8Array([5, 6]));
  await expect(pool.apply('look', move({ view, fault: () => {} }, [view.buffer]))).rejects.toThrow(InvalidArgumentError);
  expect(view.length).toBe(2);
});

test('a result moves back, and what it had is gone in the worker', async () => {
  expect(await pool.apply('back', move(new Uint8Array([1, 2])))).toEqual(new Uint8Array([9, 2]));
  const { made, twice } = (await pool.apply('make', 1_000)) as { made: Uint8Array; twice: Uint8Array[] };
  expect(made).toEqual(new Uint8Array(1_000).fill(7));
  expect(twice[0]!.buffer).toBe(made.buffer);
  expect(await pool.apply('left')).toBe(0);
});

test('inputs of a map move, also in one chunk', async () => {
  const views = Array.from({ length: 50 }, (_, index) => new Uint8Array([index]));
  const results = await pool.starmap(
    views.map((view) => ['back', move(view)] as const),
    { chunkSize: 50 },
  );
  expect(results).toEqual(views.map(() => new Uint8Array([9])));
  expect(views.every(({ length }) => length === 0)).toBe(true);
});

test('ports carry messages between this thread and the worker', async () => {
  const { port1, port2 } = new MessageChannel();
  const serving = pool.apply('serve', move(port2));
  port1.postMessage('hello');
  expect(await once(port1, 'message')).toEqual(['hello!']);
  port1.close();
  expect(await serving).toBe(1);

  const port = (await pool.apply('channel')) as MessagePort;
  port.postMessage('hello');
  expect(await once(port, 'message')).toEqual([['hello']]);
  port.close();
});

test('a port of a task that is never sent is closed', async () => {
  const { port1, port2 } = new MessageChannel();
  const waiting = pool.apply('wait');
  const stop = new AbortController();
  const unsent = pool.submit(['serve', move(port2)], { signal: stop.signal });
  const closed = once(port1, 'close');
  stop.abort();
  await expect(unsent).rejects.toThrow('aborted');
  await closed;
  waiting.catch(() => {});
});

test('a task whose worker dies fails with its moved arguments, and the tasks behind it go on', async () => {
  const views = [new Uint8Array([1]), new Uint8Array([2])] as const;
  const [died, went] = await Promise.allSettled([pool.apply('exit', move(views[0])), pool.apply('back', move(views[1]))]);
  expect(died).toMatchObject({ status: 'rejected', reason: expect.any(WorkerDiedError) });
  expect(went).toEqual({ status: 'fulfilled', value: new Uint8Array([9]) });
});

test("a worker that is no pool's takes and gives moved things too", async () => {
  const view = new Uint8Array([1, 2, 3]);
  const worker = manager.thread<Moving>(MODULE, 'back', move(view));
  expect(view.length).toBe(0);
  expect(await worker.result).toEqual(new Uint8Array([9, 2, 3]));
});

test('parts that cannot move are refused, and nothing has moved then', async () => {
  const view = new Uint8Array([1]);
  expect(() => move({ view }, [view as unknown as ArrayBuffer])).toThrow(InvalidArgumentError);
  expect(() => move({})).toThrow(InvalidArgumentError);
  await expect(pool.apply('look', move(view, [view.buffer, new ArrayBuffer(1)]))).rejects.toThrow('is not in the value');
  const small = Buffer.from('small');
  await expect(pool.apply('look', move(small))).rejects.toThrow(InvalidArgumentError);
  expect(small.toString()).toBe('small');
  expect(view.length).toBe(1);
  await pool.apply('look', move(view));
  await expect(pool.apply('look', move(view))).rejects.toThrow('a part can move only once');
  await expect(pool.apply('serve', new MessageChannel().port1)).rejects.toThrow(/MessagePort.*move\(port\)/);
  expect(() => manager.pool<Moving & { initialize(thing: unknown): void }>(MODULE, { initializer: [move(new Uint8Array(1))] })).toThrow(
    'leave out move()',
  );
});

test('processes copy', async () => {
  await using processes = manager.pool<Moving>(MODULE, { processes: 1 });
  const view = new Uint8Array([1, 2]);
  expect(await processes.apply('back', move(view))).toEqual(new Uint8Array([9, 2]));
  expect(view).toEqual(new Uint8Array([1, 2]));
});
