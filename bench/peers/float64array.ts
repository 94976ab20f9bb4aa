/** One thread that sums up a Float64Array of its own. */
import { serveRounds } from '../workers/serve.js';
import { ARRAY_LENGTH, sumOf } from '../workers/sums.js';

const measure = sumOf(new Float64Array(ARRAY_LENGTH));
await serveRounds(async (request) => measure(request));
