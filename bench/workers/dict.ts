import { Manager } from 'commonhold';
import { alternating, callFor } from './load.js';
import { secondsOf, serveRounds } from './serve.js';

const [address, window] = process.argv.slice(2);

await using manager = await Manager.connect(address);
const dict = manager.dict<string, number>('bench');
const call = alternating(
  (key, value) => dict.set(key, value),
  (key) => dict.get(key),
);
await serveRounds((request) => callFor(secondsOf(request), Number(window), call));
