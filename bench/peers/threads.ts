import { latency, together, transfer, type Contender } from '../contender.js';
import { startNode } from '../process.js';
import type { Scope } from '../scope.js';
import type { ItemType } from '../workers/items.js';
import type { DictOperation } from '../workers/keys.js';
import type { ListOperation } from '../workers/sequence.js';

export const MESSAGE_PORT = 'MessagePort';

/** Threads that lock a number by the package `multithreading`. */
export function multithreadingMutex(scope: Scope, threads: number): Promise<Contender> {
  return working(scope, 'multithreading Mutex', 'multithreading-mutex', String(threads));
}

/** A producer thread and a consumer thread of the package `multithreading`. */
export function multithreadingChannel(scope: Scope, type: ItemType, length: number): Promise<Contender> {
  return passing(scope, 'multithreading channel', 'multithreading-channel', type, length);
}

/** A producer thread and a consumer thread at a port. */
export function messagePortQueue(scope: Scope, type: ItemType, length: number): Promise<Contender> {
  return passing(scope, MESSAGE_PORT, 'message-port-queue', type, length);
}

/** A producer thread and a consumer thread at a ring of the package `ringbuf.js`. */
export function ringbuf(scope: Scope, length: number): Promise<Contender> {
  return passing(scope, 'ringbuf.js', 'ringbuf', 'bytes', length);
}

/** Threads at one map of the package `sharedmap`. */
export function sharedMap(scope: Scope, threads: number, operation: DictOperation): Promise<Contender> {
  return working(scope, 'sharedmap', 'sharedmap', operation, String(threads));
}

/** Threads each with a Map of its own. */
export function privateMaps(scope: Scope, threads: number, operation: DictOperation): Promise<Contender> {
  return working(scope, 'a Map', 'private-map', operation, String(threads));
}

/** One thread with an Array of its own. */
export function privateArray(scope: Scope, operation: ListOperation): Promise<Contender> {
  return working(scope, 'an Array', 'private-array', operation);
}

/** One thread that sums a Float64Array of its own. */
export function privateFloat64Array(scope: Scope): Promise<Contender> {
  return working(scope, 'a Float64Array', 'float64array');
}

/** Two threads that wake each other by messages. */
export async function messagePortPing(scope: Scope): Promise<Contender> {
  return latency(MESSAGE_PORT, await started(scope, 'message-port-ping'));
}

/** Two threads that wake each other by notify alone. */
export async function atomicsPing(scope: Scope, wait: 'sync' | 'async'): Promise<Contender> {
  return latency(wait === 'sync' ? 'Atomics.wait' : 'Atomics.waitAsync', await started(scope, 'atomics-ping', wait));
}

async function working(scope: Scope, name: string, file: string, ...args: readonly string[]): Promise<Contender> {
  return together(name, [await started(scope, file, ...args)]);
}

async function passing(scope: Scope, name: string, file: string, type: ItemType, length: number): Promise<Contender> {
  return transfer(name, [await started(scope, file, type, String(length))]);
}

function started(scope: Scope, file: string, ...args: readonly string[]): ReturnType<typeof startNode> {
  return startNode(scope, { file: `peers/${file}.js`, args });
}
