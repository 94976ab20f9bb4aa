import type { RemoteObject } from 'commonhold';
import type { Counter } from './types/counter.js';

/** Counts, and returns the processes in which the worker and the object ran. */
export default async function (counter: RemoteObject<Counter>, times: number): Promise<{ worker: number; manager: number }> {
  for (let i = 0; i < times; i++) await counter.increment();
  return { worker: process.pid, manager: await counter.where() };
}
