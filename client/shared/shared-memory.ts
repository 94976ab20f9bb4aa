import { isSharedMemory, type SharedBytes } from '../../proto/codec/kinds.js';
import { decodePayload, encodeNaming } from '../../proto/codec/payload.js';
import type { Reference } from '../../proto/codec/reference.js';

/** Kind of the references by which a payload refers to the shared memory beside it; their name is its index. */
const MEMORY = 'shared memory';

/** A payload for a thread of this process, with the shared memory that it refers to. */
export interface PayloadWithMemory {
  readonly payload: Uint8Array;
  readonly memory: readonly SharedBytes[];
}

/** An encoded value to or from a worker. Shared memory is beside the payload only if the value contains any, and only for threads. */
export type EncodedArguments = Uint8Array | PayloadWithMemory;

/**
 * Encodes a value for another thread of this process. SharedArrayBuffers and views over them are shared by the structured clone of the
 * message, which keeps the views over one buffer together.
 * @throws InvalidArgumentError for values that cannot be sent
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

/** Decodes a value; `open` creates the proxies of references to objects. */
export function decodeSharing(encoded: EncodedArguments, open: (reference: Reference) => unknown): unknown {
  if (ArrayBuffer.isView(encoded)) return decodePayload(encoded, { open });
  const { payload, memory } = encoded;
  return decodePayload(payload, {
    open: (reference) => (reference.kind === MEMORY ? memory[Number(reference.name)] : open(reference)),
  });
}

/** Returns the payload without the shared memory. */
export function payloadOf(encoded: EncodedArguments): Uint8Array {
  return ArrayBuffer.isView(encoded) ? encoded : encoded.payload;
}
