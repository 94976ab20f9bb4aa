import { Redis } from 'ioredis';
import { changeFor, NEAR_KEYS, readFor } from '../workers/near.js';
import { secondsOf, serveRounds } from '../workers/serve.js';

const [socket = '', role] = process.argv.slice(2);

const redis = new Redis(socket);
if (role === 'write') {
  await redis.mset(new Map(NEAR_KEYS.map((key, index) => [key, index])));
  await serveRounds((request) => changeFor(secondsOf(request), (key, value) => redis.set(key, value)));
} else {
  await redis.ping();
  await serveRounds((request) => readFor(secondsOf(request), (key) => redis.get(key)));
}
redis.disconnect();
