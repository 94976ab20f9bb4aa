// Has a type forget a promise, in a manager of its own, which continues: `node forgetting.js start|embed`.
import { Manager } from 'commonhold';
import type { Counter } from './types/counter.js';

const manager = await Manager[process.argv[2] as 'start' | 'embed']({ register: new URL('./types/counter.js', import.meta.url) });
const counter = manager.object<Counter>('Counter', 'c');
await counter.forget();
await counter.rest(1);
console.log(await counter.increment());
await manager.close();
