/** One thread that sums up an array in shared memory through its view. */
import { Arena } from 'commonhold';
import { serveRounds } from './serve.js';
import { ARRAY_LENGTH, sumOf } from './sums.js';

await using arena = Arena.create();
const measure = sumOf(arena.array('bench', 'f64', ARRAY_LENGTH).sync.view);
await serveRounds(async (request) => measure(request));
