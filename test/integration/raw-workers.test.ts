import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { InvalidArgumentError, Manager, receive, share, type SharedDict, type SharedQueue } from 'commonhold';
import { environment } from '../support/program.js';

// Proxies in workers that the program makes itself: share() on one side, receive() on the other.

const RAW = new URL('./programs/raw.js', import.meta.url);

describe.each([
  ['without a token', undefined],
  ['with a token', 'correct horse battery staple'],
])('a raw worker of a manager %s', (_, token) => {
  let manager: Manager;
  let dict: SharedDict<string, number>;
  let queue: SharedQueue<string>;

  beforeAll(async () => {
    manager = await Manager.start({ token });
    dict = manager.dict('dict');
    queue = manager.queue('queue', { capacity: 5 });
  });
  afterAll(() => manager.close());

  test('that is a thread works on the objects it received, and ends by itself', async () => {
    await dict.clear();
    const worker = new Worker(RAW, { workerData: share({ dict, queue, times: 10 }) });
    const [code] = (await once(worker, 'exit')) as [number];
    expect(code).toBe(0);
    expect([await dict.get('raw'), await queue.get()]).toEqual([10, 'done']);
  });

  test('that is a process works on the objects it received, and ends by itself', async () => {
    await dict.clear();
    // A program passes the token to its own child by the environment.
    const env = environment(token === undefined ? {} : { COMMONHOLD_TOKEN: token });
    const child = fork(fileURLToPath(RAW), { env, serialization: 'advanced' });
    child.send(share({ dict, queue, times: 10 }));
    const [code] = (await once(child, 'exit')) as [number];
    expect(code).toBe(0);
    expect([await dict.get('raw'), await queue.get()]).toEqual([10, 'done']);
  });

  test('gets no secret from share()', () => {
    expect(Buffer.from(share({ dict, queue }).payload).toString('latin1')).not.toContain('horse');
  });

  test('eight threads at once keep the total exact', async () => {
    await dict.clear();
    const workers = Array.from({ length: 8 }, () => new Worker(RAW, { workerData: share({ dict, queue, times: 50 }) }));
    const exits = workers.map((worker) => once(worker, 'exit'));
    for (const _ of workers) expect(await queue.get()).toBe('done');
    await Promise.all(exits);
    expect(await dict.get('raw')).toBe(400);
  });
});

test('shared objects can be received in the same thread', async () => {
  await using manager = await Manager.start();
  const value = manager.value(undefined, 7);
  const there = receive(share({ value, list: [value], plain: new Map([[1, 2n]]) }));
  expect(there.plain).toEqual(new Map([[1, 2n]]));
  expect([await there.value.add(1), await there.list[0]!.get()]).toEqual([8, 8]);
});

test('values that cannot be shared are refused when they are shared', () => {
  expect(() => share({ run: () => 1 })).toThrow(InvalidArgumentError);
});

test('other values are refused by receive()', () => {
  for (const payload of [new Uint8Array([255, 1, 2]), new Uint8Array()]) expect(() => receive({ payload })).toThrow(InvalidArgumentError);
});
