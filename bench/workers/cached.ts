import { Manager } from 'commonhold';
import { changeFor, NEAR_KEYS, readFor } from './near.js';
import { secondsOf, serveRounds } from './serve.js';

const [address, role] = process.argv.slice(2);

await using manager = await Manager.connect(address);
const dict = manager.dict<string, number>('bench');
if (role === 'write') {
  await dict.setMany(NEAR_KEYS.map((key, index) => [key, index]));
  await serveRounds((request) => changeFor(secondsOf(request), (key, value) => dict.set(key, value)));
} else {
  await using cache = dict.cached();
  await serveRounds((request) => readFor(secondsOf(request), (key) => cache.get(key)));
}
