/** Threads that each read, or write, a Map of their own: the limit for a shared dict. */
import { isMainThread, workerData } from 'node:worker_threads';
import { Crew, serveThread } from '../workers/crew.js';
import { INDEXED_KEYS, overKeys, type DictOperation } from '../workers/keys.js';
import { serveRounds } from '../workers/serve.js';

if (isMainThread) {
  const [operation, threads] = process.argv.slice(2);
  const crew = await Crew.start(new URL(import.meta.url), Number(threads), operation);
  await serveRounds((request) => crew.round(request));
} else {
  serveThread(overKeys(workerData as DictOperation, new Map(INDEXED_KEYS)));
}
