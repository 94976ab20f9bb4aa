import { managerAt } from '../share.js';
import { decode, encodeResult, type Outcome, type Task } from './messages.js';
import type { WorkerModule } from './handle.js';

/** Runs a task in the worker: imports its module, and calls its default export with the arguments. */
export async function runTask({ module, address, args }: Task): Promise<Outcome> {
  try {
    const manager = managerAt(address);
    const { default: work } = (await import(module)) as Partial<WorkerModule>;
    if (typeof work !== 'function') throw new TypeError(`${module} has no function as its default export`);
    const outcome = { result: encodeResult(await work(...(decode(manager, args) as never[]))) };
    await manager.prepared();
    return outcome;
  } catch (error) {
    return { error: encodeError(error) };
  }
}

/** What was thrown, as a payload; what cannot travel, as an error of its words. */
function encodeError(error: unknown): Uint8Array {
  try {
    return encodeResult(error);
  } catch {
    return encodeResult(new Error(error instanceof Error ? error.message : String(error)));
  }
}
