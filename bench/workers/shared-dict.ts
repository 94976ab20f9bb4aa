/** Threads that read, or write, one dict in shared memory. */
import { isMainThread, workerData } from 'node:worker_threads';
import { Arena, receive, share, type SharedDict, type Transportable } from 'commonhold';
import { Crew, serveThread } from './crew.js';
import { INDEXED_KEYS, overKeys, type DictOperation } from './keys.js';
import { serveRounds } from './serve.js';

interface Work {
  readonly dict: SharedDict<string, number>;
  readonly operation: DictOperation;
}

if (isMainThread) await lead(process.argv[2] as DictOperation, Number(process.argv[3]));
else follow(receive(workerData as Transportable<Work>));

async function lead(operation: DictOperation, threads: number): Promise<void> {
  await using arena = Arena.create();
  const dict = arena.dict<string, number>('bench');
  dict.sync.setMany(INDEXED_KEYS);
  const crew = await Crew.start(new URL(import.meta.url), threads, share<Work>({ dict, operation }));
  await serveRounds((request) => crew.round(request));
}

function follow({ dict, operation }: Work): void {
  serveThread(overKeys(operation, dict.sync));
}
