import { Redis } from 'ioredis';
import type { RoundAnswer } from '../rounds.js';
import { callTimes, ITEM, PUTS_IN_FLIGHT } from '../workers/load.js';
import { itemsOf, serveRounds } from '../workers/serve.js';

const [socket = '', mode, role] = process.argv.slice(2);
/** Each mode has its own list, so that no item is left from one to the other. */
const LIST = `bench:${mode}`;
const TAKEN_AT_A_TIME = 100;

const redis = new Redis(socket, { enableAutoPipelining: mode === 'autopipelining' });
await redis.ping();
await serveRounds((request) => (role === 'produce' ? produce(itemsOf(request)) : consume(itemsOf(request))));
redis.disconnect();

function produce(items: number): Promise<RoundAnswer> {
  return callTimes(items, PUTS_IN_FLIGHT, () => redis.rpush(LIST, ITEM));
}

async function consume(items: number): Promise<RoundAnswer> {
  const started = performance.now();
  let taken = 0;
  while (taken < items) {
    const answer = await redis.blmpop(0, 1, LIST, 'LEFT', 'COUNT', TAKEN_AT_A_TIME);
    taken += answer?.[1].length ?? 0;
  }
  return { operations: taken, seconds: (performance.now() - started) / 1000 };
}
