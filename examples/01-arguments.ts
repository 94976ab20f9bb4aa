// Arguments are copied to a worker process, and its result is copied back.
import { Manager } from 'commonhold';
import type { Basket } from './01-arguments.worker.js';

await using manager = await Manager.start();

const basket: Basket = {
  owner: 'Ada',
  fruit: ['apple', 'pear'],
  prices: new Map([
    ['apple', 2],
    ['pear', 3],
  ]),
};

const worker = manager.fork<typeof import('./01-arguments.worker.js')>(
  new URL('./01-arguments.worker.js', import.meta.url),
  basket,
  'plum',
);

console.log('from the worker:', await worker.result);
console.log('here, unchanged:', basket);
