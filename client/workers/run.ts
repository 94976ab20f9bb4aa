import { InvalidArgumentError } from '../../proto/errors.js';
import type { WorkerHost } from '../shared/share.js';
import type { EncodedArguments } from '../shared/shared-memory.js';
import type { WorkerChannel } from './channel.js';
import { decodeValue, type TaskOutcome } from './messages.js';
import { encodeThrown } from './thrown.js';

/** Calls a worker's function, and encodes its outcome. */
export async function call(
  channel: WorkerChannel,
  manager: WorkerHost,
  run: (...args: unknown[]) => unknown,
  args: EncodedArguments,
): Promise<TaskOutcome> {
  try {
    const given = decodeValue(manager, args) as unknown[];
    const result = encodeResult(channel, await run(...given));
    // Other processes must find the objects that the result refers to.
    await manager.prepared();
    return { result };
  } catch (error) {
    return { error: encodeThrown(error) };
  }
}

function encodeResult(channel: WorkerChannel, value: unknown): EncodedArguments | undefined {
  try {
    return value === undefined ? undefined : channel.encode(value);
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    throw new InvalidArgumentError(`the result cannot be sent back: ${error.message}`, { cause: error.cause });
  }
}
