import { decodePayload, encodePayload } from '../../proto/codec/payload.js';
import type { Owner } from './owner.js';

/** What a worker is told: its module, and its arguments as a payload. */
export interface Task {
  readonly module: string;
  readonly address: string;
  readonly args: Uint8Array;
}

/** What a worker answers: its result or what it threw, as a payload. */
export type Outcome = { readonly result: Uint8Array } | { readonly error: Uint8Array };

/** Encodes a task, and waits until others find the objects it refers to. */
export async function encodeTask(owner: Owner, module: string, args: Uint8Array): Promise<Task> {
  await owner.prepared();
  return { module, address: owner.address, args };
}

/** A function's result as a payload; undefined, which is no payload of its own, travels in a list. */
export function encodeResult(value: unknown): Uint8Array {
  return encodePayload([value]);
}

export function decodeResult(owner: Owner, payload: Uint8Array): unknown {
  return (decode(owner, payload) as [unknown])[0];
}

/** What travelled between a program and its worker: it is theirs to change, so nothing is frozen. */
export function decode(owner: Owner, payload: Uint8Array): unknown {
  return decodePayload(payload, { open: (reference) => owner.open(reference) });
}
