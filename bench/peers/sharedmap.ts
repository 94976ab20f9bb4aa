/** Threads that read, or write, one map of the package `sharedmap`, which stores numbers as strings. */
import { createRequire } from 'node:module';
import { isMainThread, workerData } from 'node:worker_threads';
import { Crew, serveThread } from '../workers/crew.js';
import { INDEXED_KEYS, overKeys, type DictOperation } from '../workers/keys.js';
import { serveRounds } from '../workers/serve.js';

/** The part of the package that is used; its own types do not match its exports. */
interface StringMap {
  get(key: string): string | undefined;
  set(key: string, value: number): void;
}

interface Work {
  readonly map: StringMap;
  readonly operation: DictOperation;
}

const SharedMap = createRequire(import.meta.url)('sharedmap') as new (size: number, keyLength: number, valueLength: number) => StringMap;
/** Capacity with room to spare, because a full map is slow. */
const ROOM = 2 * INDEXED_KEYS.length;
const LENGTH = 16;

if (isMainThread) await lead(process.argv[2] as DictOperation, Number(process.argv[3]));
else follow(workerData as Work);

async function lead(operation: DictOperation, threads: number): Promise<void> {
  const map = new SharedMap(ROOM, LENGTH, LENGTH);
  for (const [key, value] of INDEXED_KEYS) map.set(key, value);
  const crew = await Crew.start(new URL(import.meta.url), threads, { map, operation } satisfies Work);
  await serveRounds((request) => crew.round(request));
}

function follow({ map, operation }: Work): void {
  // The received copy has the memory, but no methods.
  Object.setPrototypeOf(map, SharedMap.prototype as object);
  serveThread(overKeys(operation, { get: (key) => Number(map.get(key)), set: (key, value) => map.set(key, value) }));
}
