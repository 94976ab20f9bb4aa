import { isSharedMemory, type SharedBytes } from '../../proto/codec/kinds.js';
import { decodePayload, encodeNaming } from '../../proto/codec/payload.js';
import type { Reference } from '../../proto/codec/reference.js';

/** Kind of the references by which a payload names the shared memory beside it; their name is its index. */
const MEMORY = 'shared memory';

/** A payload for a thread of this process, with the shared memory that it names. */
export interface PayloadWithMemory {
  readonly payload: Uint8Array;
  readonly memory: readonly SharedBytes[];
}

/** A value as it goes to a worker, or comes from it. Memory is beside the payload only where there is any, and of threads. */
export type EncodedArguments = Uint8Array | PayloadWithMemory;

/**
 * Encodes a value for another thread of this process. SharedArrayBuffers and views over them are shared: the structured clone of
 * the message does that, and keeps views over one buffer together.
 * @throws InvalidArgumentError for what cannot travel
 */
export function encodeSharing(value: unknown): EncodedArguments {
  const memory = new Map<SharedBytes, number>();
  const payload = encodeNaming(value, (part) => {
    if (!isSharedMemory(part)) return undefined;
    const index = memory.get(part) ?? memory.size;
    memory.set(part, index);
    return { kind: MEMORY, name: `${index}`, address: '' };
  });
  return memory.size === 0 ? payload : { payload, memory: [...memory.keys()] };
}

/** The value that was encoded; `open` makes proxies of the references to objects. */
export function decodeSharing(encoded: EncodedArguments, open: (reference: Reference) => unknown): unknown {
  if (ArrayBuffer.isView(encoded)) return decodePayload(encoded, { open });
  const { payload, memory } = encoded;
  return decodePayload(payload, {
    open: (reference) => (reference.kind === MEMORY ? memory[Number(reference.name)] : open(reference)),
  });
}

/** The payload alone. */
export function payloadOf(encoded: EncodedArguments): Uint8Array {
  return ArrayBuffer.isView(encoded) ? encoded : encoded.payload;
}
