import { encodePayload } from '../../proto/codec/payload.js';
import type { Movable } from '../shared/moved.js';
import { decodeSharing, movedBy, type EncodedArguments } from '../shared/shared-memory.js';
import type { Credentials } from '../connect/transport/credentials.js';
import type { WorkerIdentity } from './current.js';
import type { WorkerManager } from './owner.js';

/** The first message to a worker. */
export interface Start {
  /** `task` for one call of the module's function, `pool` for batches of calls. */
  readonly kind: 'task' | 'pool';
  readonly identity: WorkerIdentity;
  readonly address: string;
  /** Credentials for the manager. In the environment, every program that the worker starts would inherit them. */
  readonly credentials: Credentials;
  /** True if its tasks, and its calls to the manager, are parts of traces. */
  readonly telemetry: boolean;
  /** Arguments of the function, or, in a pool, of `initialize`; undefined if there are none. */
  readonly args: EncodedArguments | undefined;
  /** Trace context of the caller of the function; undefined outside of traces. */
  readonly traceContext?: Uint8Array | undefined;
  /** Bytes of memory above which a pool's worker takes no further task; undefined for no limit. */
  readonly maxMemory?: number | undefined;
}

/** Outcome of a call: its result or its error. Undefined stands for the value undefined, which has no payload. */
export type TaskOutcome = { readonly result: EncodedArguments | undefined } | { readonly error: Uint8Array | undefined };

/** Messages to a worker. */
export type ToWorker =
  | { readonly start: Start }
  | TaskBatch
  /** Cancels the batch. */
  | { readonly cancel: number; readonly reason: Uint8Array | undefined }
  | { readonly end: true };

/** Calls to make one after another. */
export interface TaskBatch {
  readonly batch: number;
  /** The arguments of each. */
  readonly items: readonly EncodedArguments[];
  /** Trace context of their caller; undefined outside of traces. */
  readonly traceContext: Uint8Array | undefined;
}

/** Messages of a worker. */
export type FromWorker =
  | { readonly outcome: TaskOutcome }
  | { readonly ready: true }
  /** The worker cannot start, because of this error. */
  | { readonly refused: Uint8Array | undefined }
  | BatchOutcomes;

/** Outcomes of the next calls of a batch, in order. */
export interface BatchOutcomes {
  readonly batch: number;
  readonly outcomes: readonly TaskOutcome[];
  /** Milliseconds that each of the calls ran. */
  readonly ran: readonly number[];
  /** True once the batch has ended or was cancelled. */
  readonly last: boolean;
  /** True if the worker uses too much memory: it did not start the rest of the batch, and is to be replaced. */
  readonly full: boolean;
}

/** Returns the parts that a message moves to its receiver. */
export function movedIn(message: ToWorker | FromWorker): Movable[] {
  if ('items' in message) return message.items.flatMap(movedBy);
  if ('outcomes' in message) return message.outcomes.flatMap(movedByOutcome);
  if ('outcome' in message) return [...movedByOutcome(message.outcome)];
  return 'start' in message ? [...movedBy(message.start.args)] : [];
}

function movedByOutcome(outcome: TaskOutcome): readonly Movable[] {
  return 'result' in outcome ? movedBy(outcome.result) : [];
}

/** Returns true if a marked message is one of a worker. User's code that posts something under our mark must not end the parent. */
export function isFromWorker(message: unknown): message is FromWorker {
  if (typeof message !== 'object' || message === null) return false;
  const { outcome, ready, outcomes, ran, batch } = message as Partial<Record<string, unknown>>;
  if ('outcome' in message) return isOutcome(outcome);
  if ('ready' in message) return ready === true;
  if ('refused' in message) return isPayload(message.refused);
  return typeof batch === 'number' && Array.isArray(outcomes) && outcomes.every(isOutcome) && Array.isArray(ran);
}

function isOutcome(outcome: unknown): boolean {
  if (typeof outcome !== 'object' || outcome === null) return false;
  return 'error' in outcome ? isPayload(outcome.error) : 'result' in outcome && isEncoded(outcome.result);
}

function isPayload(payload: unknown): boolean {
  return payload === undefined || payload instanceof Uint8Array;
}

function isEncoded(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !('payload' in value && 'memory' in value)) return isPayload(value);
  return value.payload instanceof Uint8Array && Array.isArray(value.memory);
}

/** Encodes a value that may be undefined. */
export function encodeValue(value: unknown): Uint8Array | undefined {
  return value === undefined ? undefined : encodePayload(value);
}

/** Decodes a value sent between a program and its worker. It is not frozen: the receiver may change its copy. */
export function decodeValue(owner: Pick<WorkerManager, 'open'>, encoded: EncodedArguments | undefined): unknown {
  return encoded === undefined ? undefined : decodeSharing(encoded, (reference) => owner.open(reference));
}
