import { chmodSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { AlreadyExistsError } from '../../proto/errors.js';
import { SegmentStore } from '../../server/log/segments/segment-store.js';
import type { LogWriting } from '../integration/programs/log-writer.js';
import { Temporary } from '../support/daemon.js';
import { bytesOf, recordsFrom, SMALL_SEGMENTS } from '../support/log.js';
import { Program } from '../support/program.js';

const WRITER = new URL('../integration/programs/log-writer.js', import.meta.url);
const OPTIONS = { sizes: SMALL_SEGMENTS };

function leadingProgram(directory: string): Program {
  const writing: LogWriting = { directory, options: OPTIONS, appends: 3, length: 10, inFlight: 1, stays: true };
  return Program.node(WRITER, [JSON.stringify(writing)]);
}

test('while the leader lives, another is refused by the name of the directory, and readers are not', async () => {
  using directory = new Temporary();
  await using program = leadingProgram(directory.path);
  await program.said(/done/);
  const store = new SegmentStore(directory.path, OPTIONS);
  const refused = await store.lead().catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(AlreadyExistsError);
  expect((refused as Error).message).toContain(directory.path);
  expect((await recordsFrom(store, 1)).length).toBe(3);
});

test('when the leader is killed, another can lead at once', async () => {
  using directory = new Temporary();
  await using program = leadingProgram(directory.path);
  await program.said(/done/);
  await program.kill();
  await using store = new SegmentStore(directory.path, OPTIONS);
  const leader = await store.lead();
  expect([leader.epoch, leader.next]).toEqual([2, 4]);
});

test('of many that want to lead at a time, one does', async () => {
  using directory = new Temporary();
  const stores = Array.from({ length: 5 }, () => new SegmentStore(directory.path, OPTIONS));
  const results = await Promise.allSettled(stores.map((store) => store.lead()));
  expect(results.filter(({ status }) => status === 'fulfilled').length).toBe(1);
  for (const store of stores) await store[Symbol.asyncDispose]();
});

test('a directory may have a longer path than a socket', async () => {
  using directory = new Temporary();
  const long = directory.join('a'.repeat(100), 'b'.repeat(100));
  await using store = new SegmentStore(long, OPTIONS);
  await (await store.lead()).append(bytesOf('there'));
  await expect(new SegmentStore(long).lead()).rejects.toThrow(AlreadyExistsError);
  expect(await recordsFrom(store, 1)).toEqual(['there']);
});

test('a thread leads only in a directory that is closed to others', async () => {
  using directory = new Temporary();
  const writing: LogWriting = { directory: directory.path, appends: 1, length: 1, inFlight: 1 };
  const run = async (): Promise<string> => {
    const worker = new Worker(WRITER, { argv: [JSON.stringify(writing)] });
    const said: string[] = [];
    worker.on('message', (line: string) => said.push(line));
    await once(worker, 'exit');
    return said.join('\n');
  };
  chmodSync(directory.path, 0o755);
  expect(await run()).toMatch(/^failed INVALID_ARGUMENT .*chmod 700 /);
  chmodSync(directory.path, 0o700);
  expect(await run()).toMatch(/durable 1\nread 1\ndone$/);
});
