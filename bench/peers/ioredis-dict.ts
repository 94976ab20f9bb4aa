import { Redis } from 'ioredis';
import { alternating, callFor } from '../workers/load.js';
import { secondsOf, serveRounds } from '../workers/serve.js';

const [socket = '', mode, window] = process.argv.slice(2);

const redis = new Redis(socket, { enableAutoPipelining: mode === 'autopipelining' });
await redis.ping();
const call = alternating(
  (key, value) => redis.set(key, value),
  (key) => redis.get(key),
);
await serveRounds((request) => callFor(secondsOf(request), Number(window), call));
redis.disconnect();
