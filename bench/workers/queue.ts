import { Manager } from 'commonhold';
import type { RoundAnswer } from '../rounds.js';
import { callTimes, ITEM, PUTS_IN_FLIGHT } from './load.js';
import { itemsOf, serveRounds } from './serve.js';

const [address, role] = process.argv.slice(2);

await using manager = await Manager.connect(address);
const queue = manager.queue<string>('bench');
await serveRounds((request) => (role === 'produce' ? produce(itemsOf(request)) : consume(itemsOf(request))));

function produce(items: number): Promise<RoundAnswer> {
  return callTimes(items, PUTS_IN_FLIGHT, () => queue.put(ITEM));
}

async function consume(items: number): Promise<RoundAnswer> {
  const started = performance.now();
  let taken = 0;
  for await (const item of queue) {
    if (item.length !== ITEM.length) throw new Error(`an item came out with ${item.length} characters`);
    if (++taken === items) break;
  }
  return { operations: taken, seconds: (performance.now() - started) / 1000 };
}
