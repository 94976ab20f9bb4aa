import { isSharedMemory, type SharedBytes } from '../../proto/codec/kinds.js';
import { decodePayload, encodeNaming } from '../../proto/codec/payload.js';
import type { Reference } from '../../proto/codec/reference.js';
import { InvalidArgumentError } from '../../proto/errors.js';
import type { Movable } from './moved.js';

/** Kind of the references by which a payload refers to the memory beside it; their name is its index. */
const MEMORY = 'shared memory';

/** A payload for a thread of this process, with the memory and the ports that it refers to. */
export interface PayloadWithMemory {
  readonly payload: Uint8Array;
  readonly memory: readonly (SharedBytes | Movable)[];
  /** The parts of `memory`, or the buffers of its views, that the message moves. */
  readonly moved?: readonly Movable[];
}

/** An encoded value to or from a worker. Memory is beside the payload only if the value contains any, and only for threads. */
export type EncodedArguments = Uint8Array | PayloadWithMemory;

/**
 * Encodes a value for another thread of this process. SharedArrayBuffers and views over them are shared by the structured clone of the
 * message, which keeps the views over one buffer together.
 * @param moving parts of it that move: from now on, only the encoded value has them
 * @throws InvalidArgumentError for values that cannot be sent
 */
export function encodeSharing(value: unknown, moving: readonly Movable[] = []): EncodedArguments {
  const memory = new Map<SharedBytes | Movable, number>();
  const payload = encodeNaming(value, (part) => {
    if (!isMoving(part, moving) && !isSharedMemory(part)) return undefined;
    const index = memory.get(part) ?? memory.size;
    memory.set(part, index);
    return { kind: MEMORY, name: `${index}`, address: '' };
  });
  const beside = [...memory.keys()];
  return moving.length > 0 ? { payload, ...take(beside, moving) } : beside.length > 0 ? { payload, memory: beside } : payload;
}

function isMoving(part: object, moving: readonly Movable[]): part is Movable {
  return moving.length > 0 && moving.includes((ArrayBuffer.isView(part) ? part.buffer : part) as Movable);
}

/**
 * Takes parts away from their owner, who sees at once that they have moved, however long the message waits.
 * @throws InvalidArgumentError for parts that the value does not contain or that cannot move
 */
function take(memory: PayloadWithMemory['memory'], moving: readonly Movable[]): Omit<PayloadWithMemory, 'payload'> {
  const contained = new Set(memory.map((part) => (ArrayBuffer.isView(part) ? part.buffer : part)));
  if (!moving.every((part) => contained.has(part))) {
    throw new InvalidArgumentError('move: a part is not in the value: give the ArrayBuffers and MessagePorts that it contains');
  }
  const transfer = [...new Set(moving)];
  const taken = cloned({ memory, moved: transfer }, transfer);
  // Node 20 copies memory that many Buffers share instead.
  if (transfer.some((part) => 'byteLength' in part && part.byteLength > 0)) {
    throw new InvalidArgumentError(
      'move: the memory of a small Buffer belongs to Node and cannot move: copy it by Uint8Array.from(buffer)',
    );
  }
  return taken;
}

function cloned<T>(value: T, transfer: readonly Movable[]): T {
  try {
    return structuredClone(value, { transfer: [...transfer] });
  } catch (cause) {
    throw new InvalidArgumentError(`move: ${(cause as Error).message}: a part can move only once`, { cause });
  }
}

/** Decodes a value; `open` creates the proxies of references to objects. */
export function decodeSharing(encoded: EncodedArguments, open: (reference: Reference) => unknown): unknown {
  if (ArrayBuffer.isView(encoded)) return decodePayload(encoded, { open });
  const { payload, memory } = encoded;
  return decodePayload(payload, {
    open: (reference) => (reference.kind === MEMORY ? memory[Number(reference.name)] : open(reference)),
  });
}

/** Returns the payload without the memory beside it. */
export function payloadOf(encoded: EncodedArguments): Uint8Array {
  return ArrayBuffer.isView(encoded) ? encoded : encoded.payload;
}

/** Returns the parts that a message with this value moves. */
export function movedBy(encoded: EncodedArguments | undefined): readonly Movable[] {
  return encoded === undefined || ArrayBuffer.isView(encoded) ? [] : (encoded.moved ?? []);
}
