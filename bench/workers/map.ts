import { NEAR_KEYS, readFor } from './near.js';
import { secondsOf, serveRounds } from './serve.js';

const map = new Map(NEAR_KEYS.map((key, index) => [key, index]));
await serveRounds((request) => readFor(secondsOf(request), (key) => Promise.resolve(map.get(key))));
