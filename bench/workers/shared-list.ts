/** One thread that reads, or appends to, a list in shared memory. */
import { Arena } from 'commonhold';
import { overItems, type ListOperation } from './sequence.js';
import { serveRounds } from './serve.js';

await using arena = Arena.create();
const measure = overItems(process.argv[2] as ListOperation, arena.list<number>('bench').sync);
await serveRounds(async (request) => measure(request));
