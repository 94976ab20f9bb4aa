import { Manager } from 'commonhold';
import { callFor } from './load.js';
import { secondsOf, serveRounds } from './serve.js';

const [address] = process.argv.slice(2);

await using manager = await Manager.connect(address);
const value = manager.value('bench', 0);
await serveRounds((request) => callFor(secondsOf(request), 1, increment));

async function increment(): Promise<void> {
  const held = await value.lock();
  held.value += 1;
  await held.release();
}
