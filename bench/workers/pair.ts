import type { Transferable } from 'node:worker_threads';
import { Thread } from './crew.js';
import type { ItemType } from './items.js';
import { serveRounds } from './serve.js';

/** Capacity of the queues, of commonhold and the peers. */
export const QUEUE_CAPACITY = 1_024;

/** The ends of a queue. */
export type QueueRole = 'consume' | 'produce';

/** Parameters of both ends of a queue. */
export interface QueueWork {
  readonly role: QueueRole;
  readonly type: ItemType;
  readonly length: number;
}

/** Reads the type and the length of the items from the command line. */
export function itemArguments(): Pick<QueueWork, 'type' | 'length'> {
  const [type, length] = process.argv.slice(2);
  return { type: type as ItemType, length: Number(length) };
}

/** Measures rounds with two threads of a module until the bench closes the input; the first thread counts. */
export async function servePair<R>(
  module: URL,
  roles: readonly [counted: R, other: R],
  dataOf: (role: R) => { readonly data: unknown; readonly transfer?: readonly Transferable[] },
): Promise<void> {
  const start = (role: R): Promise<Thread> => {
    const { data, transfer } = dataOf(role);
    return Thread.start(module, data, transfer);
  };
  const [counted, other] = await Promise.all([start(roles[0]), start(roles[1])]);
  await serveRounds(async (request) => (await Promise.all([counted.round(request), other.round(request)]))[0]);
}

/** Measures rounds of a queue's two ends, counted at the consumer. */
export function serveQueue(module: URL, dataOf: Parameters<typeof servePair<QueueRole>>[2]): Promise<void> {
  return servePair<QueueRole>(module, ['consume', 'produce'], dataOf);
}
