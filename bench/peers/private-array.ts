/** One thread that reads, or appends to, an Array of its own: the limit for a shared list. */
import { overItems, type ListOperation } from '../workers/sequence.js';
import { serveRounds } from '../workers/serve.js';

const array: number[] = [];
const measure = overItems(process.argv[2] as ListOperation, {
  at: (index) => array[index],
  push: (value) => array.push(value),
  clear: () => (array.length = 0),
});
await serveRounds(async (request) => measure(request));
