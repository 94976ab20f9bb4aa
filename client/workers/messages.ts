import { encodePayload } from '../../proto/codec/payload.js';
import { decodeSharing, type EncodedArguments } from '../shared/shared-memory.js';
import type { WorkerIdentity } from './current.js';
import type { WorkerManager } from './owner.js';

/** What a worker is told first. */
export interface Start {
  /** One call of the module's function, or as many as the pool says. */
  readonly kind: 'task' | 'pool';
  readonly identity: WorkerIdentity;
  readonly address: string;
  /** Secret of the manager. The environment would hand it on to every program that the worker starts. */
  readonly token: string | undefined;
  /** Arguments of the function; of a pool, those of `initialize`, where it was given any. */
  readonly args: EncodedArguments | undefined;
}

/** What a call gave, or threw. No payload stands for undefined, which is none. */
export type TaskOutcome = { readonly result: EncodedArguments | undefined } | { readonly error: Uint8Array | undefined };

/** What is said to a worker. */
export type ToWorker =
  | { readonly start: Start }
  /** Calls to make one by one: the arguments of each. */
  | { readonly batch: number; readonly items: readonly EncodedArguments[] }
  /** The batch is given up. */
  | { readonly cancel: number; readonly reason: Uint8Array | undefined }
  | { readonly end: true };

/** What a worker says. */
export type FromWorker =
  | { readonly outcome: TaskOutcome }
  | { readonly ready: true }
  /** It cannot work: what was thrown. */
  | { readonly refused: Uint8Array | undefined }
  /** What the next calls of the batch gave, in order. After the last one, it has ended or given it up. */
  | { readonly batch: number; readonly outcomes: readonly TaskOutcome[]; readonly last: boolean };

/** A value that may be undefined. */
export function encodeValue(value: unknown): Uint8Array | undefined {
  return value === undefined ? undefined : encodePayload(value);
}

/** What travelled between a program and its worker: it is theirs to change, so nothing is frozen. */
export function decodeValue(owner: Pick<WorkerManager, 'open'>, encoded: EncodedArguments | undefined): unknown {
  return encoded === undefined ? undefined : decodeSharing(encoded, (reference) => owner.open(reference));
}
