import { InvalidArgumentError } from '../../proto/errors.js';
import type { WorkerHost } from '../share.js';
import { decodeValue, encodeValue, type Outcome } from './messages.js';
import { encodeThrown } from './thrown.js';

/** Calls a worker's function; the arguments are a payload. */
export async function call(manager: WorkerHost, run: (...args: unknown[]) => unknown, args: Uint8Array): Promise<Outcome> {
  try {
    const given = decodeValue(manager, args) as unknown[];
    const result = encodeResult(await run(...given));
    // Others must find the objects that it refers to.
    await manager.prepared();
    return { result };
  } catch (error) {
    return { error: encodeThrown(error) };
  }
}

function encodeResult(value: unknown): Uint8Array | undefined {
  try {
    return encodeValue(value);
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    throw new InvalidArgumentError(`the result cannot travel back: ${error.message}`, { cause: error.cause });
  }
}
