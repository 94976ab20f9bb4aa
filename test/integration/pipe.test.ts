import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ClosedError, EndOfPipeError, Manager, type PipeEnd, type WorkerHandle } from 'commonhold';
import { queued } from '../conformance/support.js';
import type piper from './programs/piper.js';

// Pipes between processes, and their state when the process at the other end dies.

const PIPER = new URL('./programs/piper.js', import.meta.url);

let manager: Manager;

beforeAll(async () => {
  manager = await Manager.start();
});

afterAll(() => manager.close());

describe('a worker at the other end of a pipe', () => {
  test('answers messages of any length until this end closes (Python: test_connection, test_spawn_close)', async () => {
    const [here, there] = manager.pipe<string, number>();
    const worker = manager.fork<{ default: typeof piper }>(PIPER, there, 'answer', manager.queue<string>());
    for (const message of ['', 'hello', 'x'.repeat(100_000)]) {
      await here.send(message);
      expect(await here.receive()).toBe(message.length);
    }
    await here.close();
    expect(await worker.result).toBe(3);
  });

  test('finds the end of the pipe if this end was closed before it began', async () => {
    const [here, there] = manager.pipe<string, number>();
    const worker = manager.fork<{ default: typeof piper }>(PIPER, there, 'answer', manager.queue<string>());
    await here.close();
    expect(await worker.result).toBe(0);
  });

  test('that returned has closed its end', async () => {
    const [here, there] = manager.pipe<string, number>();
    const worker = manager.fork<{ default: typeof piper }>(PIPER, there, 'answer', manager.queue<string>());
    await here.send('one');
    expect(await here.receive()).toBe(3);
    await here.close();
    await worker.join();
    const [, again] = manager.pipe<string, number>(here.name);
    await expect(again.send(1)).rejects.toBeInstanceOf(ClosedError);
  });
});

test('a message and the end of a process can be awaited together (Python: test_wait_integer)', async () => {
  const [here, there] = manager.pipe<string, number>();
  const worker = manager.fork<{ default: typeof piper }>(PIPER, there, 'answer', manager.queue<string>());
  const joined = worker.join().then(() => 'the process ended');
  await here.send('four');
  expect(await Promise.race([joined, here.poll().then(() => 'a message came')])).toBe('a message came');
  expect(await here.receive()).toBe(4);
  // When the process has ended, both waits end: its end of the pipe is closed.
  await here.close();
  expect(await joined).toBe('the process ended');
  expect(worker.exitCode).toBe(0);
});

describe('a worker killed with SIGKILL', () => {
  let here: PipeEnd<string, number>;

  const stay = async (): Promise<WorkerHandle<number>> => {
    const ends = manager.pipe<string, number>();
    here = ends[0];
    const reports = manager.queue<string>();
    const worker = manager.fork<{ default: typeof piper }>(PIPER, ends[1], 'stay', reports);
    expect(await reports.get()).toBe('open');
    return worker;
  };

  test('is the end of the pipe for a waiting receiver', async () => {
    const worker = await stay();
    const [got, polled] = [await queued(manager, here.receive()), await queued(manager, here.poll())];
    await worker.kill();
    await expect(got.promise).rejects.toBeInstanceOf(EndOfPipeError);
    expect(await polled.promise).toBe(true);
  });

  test('is the end of the pipe for a sender', async () => {
    const worker = await stay();
    await here.send('on its way');
    const got = await queued(manager, here.receive());
    await worker.kill();
    await expect(got.promise).rejects.toBeInstanceOf(EndOfPipeError);
    await expect(here.send('too late')).rejects.toBeInstanceOf(EndOfPipeError);
  });
});
