import type { Deadlock, DeadlockStep, Error as WireError, Thrown } from './gen/commonhold/v1/errors_wire.js';
import { Status } from './status.js';
import type { Key } from './wire/values.js';

export type { DeadlockStep, Thrown };

/** Details of an error beyond its message. */
export interface ErrorInfo {
  /** True if the same call may succeed when made again. */
  retryable?: boolean | undefined;
  /** True if the call may have had an effect although it failed. */
  mayHaveExecuted?: boolean | undefined;
  /** Name of the shared object. */
  object?: string | undefined;
  /** Full name of the method, such as "commonhold.v1.DictService/Set". */
  method?: string | undefined;
  /** Address of the manager. */
  address?: string | undefined;
  cause?: unknown;
  /** For a `putMany` that ended early: number of items that were put. */
  accepted?: number | undefined;
  /** For a broken barrier: why it broke. */
  reason?: string | undefined;
  /** For a deadlock: the cycle of waits. */
  cycle?: readonly DeadlockStep[] | undefined;
  /** For an error of a registered type: the error that its code threw. */
  thrown?: Thrown | undefined;
  /** For a value that a schema refuses: the problems. */
  issues?: readonly SchemaIssue[] | undefined;
  /** For a read value that a schema refuses: the value. */
  value?: unknown;
  /** For a read value that a schema refuses: its key or index, if the call read several values. */
  key?: Key | undefined;
}

/** One problem of a value. */
export interface SchemaIssue {
  readonly message: string;
  /** Location in the value: names and indexes, from the outside in; empty for the value itself. */
  readonly path: readonly (string | number)[];
}

const BRAND = Symbol.for('commonhold.error');

/** Any failure of commonhold. Branch on `code` or on the subclass: `instanceof` works across copies of this package and across realms. */
export class ManagerError extends Error {
  static readonly code: ErrorCode = 'INTERNAL';
  static readonly retryable: boolean = false;

  /** Kind of the error, for programs: `QUEUE_EMPTY`, `NOT_FOUND`, … */
  readonly code: ErrorCode;
  /** True if the same call may succeed when made again. */
  readonly retryable: boolean;
  /**
   * True if the call may have had an effect although it failed. False only if it cannot have left this program, changes nothing, was
   * refused by the manager, or is undone by its cancel, such as a `get` that was given up.
   */
  readonly mayHaveExecuted: boolean;
  /** Name of the shared object, if the error concerns one. */
  declare readonly object?: string;
  /** Full name of the method, such as "commonhold.v1.DictService/Set". */
  declare readonly method?: string;
  /** Address of the manager. */
  declare readonly address?: string;

  constructor(message: string, info: ErrorInfo = {}) {
    super(message, info.cause === undefined ? undefined : { cause: info.cause });
    Object.defineProperty(this, 'name', { value: new.target.name, configurable: true });
    this.code = new.target.code;
    this.retryable = info.retryable ?? new.target.retryable;
    this.mayHaveExecuted = info.mayHaveExecuted ?? false;
    for (const key of ['object', 'method', 'address', 'accepted', 'reason', 'cycle'] as const) {
      const value = info[key];
      if (value !== undefined && value !== '') Object.defineProperty(this, key, { value, enumerable: true, configurable: true });
    }
  }

  /** @internal Names of its classes. `instanceof` compares them, because two copies of the package have two of each class. */
  get [BRAND](): string[] {
    const names: string[] = [];
    let type = this.constructor as { name: string; prototype: unknown };
    while (type.prototype instanceof Error) {
      names.push(type.name);
      type = Object.getPrototypeOf(type) as typeof type;
    }
    return names;
  }

  /** True for an error of this class, also of another copy of the package. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    const names = (value as { [BRAND]?: unknown } | null | undefined)?.[BRAND];
    return Array.isArray(names) && names.includes(this.name);
  }
}

/** An argument is wrong by itself: its type, its form. */
export class InvalidArgumentError extends ManagerError {
  static override readonly code = 'INVALID_ARGUMENT';
}
/** An index or number is outside of the range that the object or its type allows. */
export class OutOfRangeError extends ManagerError {
  static override readonly code = 'OUT_OF_RANGE';
}
/** There is no object of that name, or it was destroyed while the call waited; or a path leads through an absent place. */
export class NotFoundError extends ManagerError {
  static override readonly code = 'NOT_FOUND';
}
/** `create()` found an object of that name. */
export class AlreadyExistsError extends ManagerError {
  static override readonly code = 'ALREADY_EXISTS';
}
/** The name belongs to an object of another kind. */
export class KindMismatchError extends ManagerError {
  static override readonly code = 'KIND_MISMATCH';
}
/** The object exists with other options than the call gave. */
export class OptionsConflictError extends ManagerError {
  static override readonly code = 'OPTIONS_CONFLICT';
}
/** A wait ended by its `timeout`. The call took nothing, holds nothing and changed nothing. */
export class TimeoutError extends ManagerError {
  static override readonly code: ErrorCode = 'TIMEOUT';
  static override readonly retryable = true;
}
/** `get` found nothing within its `timeout`. */
export class QueueEmptyError extends TimeoutError {
  static override readonly code = 'QUEUE_EMPTY';
}
/** `put` found no room within its `timeout`. */
export class QueueFullError extends TimeoutError {
  static override readonly code = 'QUEUE_FULL';
  /** For a `putMany`: number of items that were put, the first ones. */
  declare readonly accepted?: number;
}
/** The queue was shut down: it takes no more items, and none is left to take. */
export class QueueShutDownError extends ManagerError {
  static override readonly code = 'QUEUE_SHUT_DOWN';
}
/** The manager ended a call because it was cancelled; users see the reason of their signal instead. */
export class CancelledError extends ManagerError {
  static override readonly code = 'CANCELLED';
}
/** The caller does not hold the lock, permit or level that it wants to release, write under or extend. */
export class NotOwnerError extends ManagerError {
  static override readonly code = 'NOT_OWNER';
}
/** The lock was held, but its lease or its session ended: another caller may hold it now. */
export class LockLostError extends ManagerError {
  static override readonly code = 'LOCK_LOST';
}
/** The delivery is no longer held: its lease or its session ended, and the item went back to its queue. */
export class DeliveryLostError extends ManagerError {
  static override readonly code = 'DELIVERY_LOST';
}
/** A payload or message exceeds the manager's limit. */
export class PayloadTooLargeError extends ManagerError {
  static override readonly code = 'PAYLOAD_TOO_LARGE';
}
/** Another limit of the manager is reached: objects, sessions, connections, waiting calls, bytes on their way. */
export class LimitExceededError extends ManagerError {
  static override readonly code = 'LIMIT_EXCEEDED';
  static override readonly retryable = true;
}
/** The memory of the manager has reached its limit, or the shared memory of the process is full. The call changed nothing. */
export class OutOfMemoryError extends ManagerError {
  static override readonly code = 'OUT_OF_MEMORY';
}
/** The manager cannot be reached, or is shutting down. */
export class ManagerUnavailableError extends ManagerError {
  static override readonly code = 'MANAGER_UNAVAILABLE';
  static override readonly retryable = true;
}
/** The session ended before the call was answered. Everything that it held is released. */
export class SessionExpiredError extends ManagerError {
  static override readonly code = 'SESSION_EXPIRED';
  static override readonly retryable = true;
}
/** One side could not prove who it is: no token was given, or a wrong one; a certificate is missing, or cannot be verified; or only one side speaks TLS. */
export class UnauthenticatedError extends ManagerError {
  static override readonly code = 'UNAUTHENTICATED';
}
/** The token of the client has no right to do this: the message names it, the object and the missing right. Nothing was changed. */
export class PermissionDeniedError extends ManagerError {
  static override readonly code = 'PERMISSION_DENIED';
}
/** This manager or its engine does not offer the method. */
export class UnimplementedError extends ManagerError {
  static override readonly code = 'UNIMPLEMENTED';
}
/** A worker ended before it gave its result. */
export class WorkerDiedError extends ManagerError {
  static override readonly code = 'WORKER_DIED';
}
/** The manager, proxy or handle was closed by this program. */
export class ClosedError extends ManagerError {
  static override readonly code = 'CLOSED';
}
/** The other end of the pipe is closed: nothing can be sent to it, and all its messages are received. */
export class EndOfPipeError extends ManagerError {
  static override readonly code = 'END_OF_PIPE';
}
/**
 * Why a barrier broke: a party's `timeout` ended; a call of `abort()`, or a wait given up by its signal; the action of the last party
 * failed; a call of `reset()`; a party's session ended.
 */
export type BrokenBarrierReason = 'timeout' | 'abort' | 'action' | 'reset' | 'death';
/** The barrier broke before all parties had passed it. All waiting calls fail with this error, and all later ones until `reset()`. */
export class BrokenBarrierError extends ManagerError {
  static override readonly code = 'BROKEN_BARRIER';

  /** Its `cause` is a {@link TimeoutError} if the timeout of a party ended. */
  constructor(message: string, info: ErrorInfo = {}) {
    const cause =
      info.cause ?? (info.reason === 'timeout' ? new TimeoutError('the timeout of a party ended', { object: info.object }) : undefined);
    super(message, { ...info, cause });
  }

  /** Why the barrier broke. */
  declare readonly reason: BrokenBarrierReason;
}
/**
 * A wait would never end, because owners would wait for each other in a cycle, or one for itself, over locks, rlocks, conditions, and the
 * locks of values and arrays. The caller keeps its other locks: release them and try again, after a pause of random length if other callers
 * do the same. To prevent the error, acquire in the same order everywhere. An owner is a `run(...)` with everything that it runs, or the
 * name given as `{ owner }`; an owner with several waits at a time can receive the error late, when a lock passes to another.
 */
export class DeadlockError extends ManagerError {
  static override readonly code = 'DEADLOCK';
  /**
   * The cycle of waits, beginning with the caller: each owner waits for an object that the next one holds, the last one for an object of
   * the first.
   */
  declare readonly cycle: readonly DeadlockStep[];
}
/** The changes since the revision from which a watch continues are no longer known: read the object again. */
export class HistoryLostError extends ManagerError {
  static override readonly code = 'HISTORY_LOST';
}
/** The lock of the fence of a write is not held under the fence's token now: another caller may hold it. */
export class StaleFenceError extends ManagerError {
  static override readonly code = 'STALE_FENCE';
}
/**
 * The code of a registered type threw, or returned a value that cannot travel. `name`, `message` and `code` come from the thrown error,
 * so that a program can branch on them as if it had been thrown here; `cause` is an error with its stack in the manager and its own cause.
 */
export class RemoteError extends ManagerError {
  static override readonly code = 'REMOTE';
  /** The code of the thrown error, a text or a number; `'REMOTE'` if it had none. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- only `any` may stand beside the codes of the table
  declare readonly code: any;
  /** @internal The thrown error, as it travels. */
  declare readonly thrown?: Thrown;

  constructor(message: string, info: ErrorInfo = {}) {
    const { thrown } = info;
    super(message, thrown === undefined ? info : { ...info, cause: errorThrown(thrown) });
    if (thrown === undefined) return;
    Object.defineProperty(this, 'name', { value: thrown.className, configurable: true });
    Object.defineProperty(this, 'thrown', { value: thrown, configurable: true });
    if (thrown.code !== undefined) Object.defineProperty(this, 'code', { value: thrown.code, enumerable: true, configurable: true });
  }
}

/** Makes an error of this program from an error that was thrown in the manager. */
function errorThrown({ className, message, code, stack, cause }: Thrown): Error {
  const error = new Error(message, cause && { cause: errorThrown(cause) });
  Object.defineProperty(error, 'name', { value: className, configurable: true, writable: true });
  Object.defineProperty(error, 'stack', { value: stack, configurable: true, writable: true });
  return code === undefined ? error : Object.assign(error, { code });
}
/**
 * A value does not conform to the `schema` of its proxy. For a value to be written, nothing was sent. For a value that was read, the
 * operation was executed (`mayHaveExecuted` is true), and `value` is the unchecked value, so that a taken item is not lost.
 */
export class SchemaError extends ManagerError {
  static override readonly code = 'SCHEMA';
  /** The problems, in the schema's own words. */
  declare readonly issues: readonly SchemaIssue[];
  /** For a read, the unchecked value; for a call that returns an array, the whole array, because some of it may have been taken. */
  declare readonly value?: unknown;
  /** For a read of several values: the key of the entry, or the index in the array. */
  declare readonly key?: Key;

  constructor(message: string, info: ErrorInfo = {}) {
    super(message, info);
    const own = { issues: info.issues ?? [], value: info.value, key: info.key };
    for (const [name, value] of Object.entries(own)) {
      if (value !== undefined) Object.defineProperty(this, name, { value, enumerable: true, configurable: true });
    }
  }
}
/**
 * The log of a manager is not as it was written: records that were durable are lost, or a snapshot. The message names the file, the offset
 * and the position, and the command that saves everything before it.
 */
export class DamagedLogError extends ManagerError {
  static override readonly code = 'DAMAGED_LOG';
}
/**
 * The manager could not keep a change: its disk is full, or fails. It makes no changes until it can write its log again, which it tries by
 * itself, and goes on reading what it has kept. Sessions that were open have ended. The message has the error of the system.
 */
export class LogFailedError extends ManagerError {
  static override readonly code = 'LOG_FAILED';
}
/** The other side broke the rules of the session stream. */
export class ProtocolError extends ManagerError {
  static override readonly code = 'PROTOCOL';
}

/** The one table of errors: code on the wire (`commonhold.v1.ErrorCode`), status of a unary call (`google.rpc.Code`), class in the SDK. */
const TABLE = {
  INTERNAL: { wire: 1, status: Status.INTERNAL, type: ManagerError },
  INVALID_ARGUMENT: { wire: 2, status: Status.INVALID_ARGUMENT, type: InvalidArgumentError },
  OUT_OF_RANGE: { wire: 3, status: Status.OUT_OF_RANGE, type: OutOfRangeError },
  NOT_FOUND: { wire: 4, status: Status.NOT_FOUND, type: NotFoundError },
  ALREADY_EXISTS: { wire: 5, status: Status.ALREADY_EXISTS, type: AlreadyExistsError },
  KIND_MISMATCH: { wire: 6, status: Status.FAILED_PRECONDITION, type: KindMismatchError },
  OPTIONS_CONFLICT: { wire: 7, status: Status.FAILED_PRECONDITION, type: OptionsConflictError },
  TIMEOUT: { wire: 8, status: Status.DEADLINE_EXCEEDED, type: TimeoutError },
  QUEUE_EMPTY: { wire: 9, status: Status.DEADLINE_EXCEEDED, type: QueueEmptyError },
  QUEUE_FULL: { wire: 10, status: Status.DEADLINE_EXCEEDED, type: QueueFullError },
  QUEUE_SHUT_DOWN: { wire: 11, status: Status.FAILED_PRECONDITION, type: QueueShutDownError },
  CANCELLED: { wire: 12, status: Status.CANCELLED, type: CancelledError },
  NOT_OWNER: { wire: 13, status: Status.FAILED_PRECONDITION, type: NotOwnerError },
  LOCK_LOST: { wire: 14, status: Status.ABORTED, type: LockLostError },
  PAYLOAD_TOO_LARGE: { wire: 15, status: Status.RESOURCE_EXHAUSTED, type: PayloadTooLargeError },
  LIMIT_EXCEEDED: { wire: 16, status: Status.RESOURCE_EXHAUSTED, type: LimitExceededError },
  MANAGER_UNAVAILABLE: { wire: 17, status: Status.UNAVAILABLE, type: ManagerUnavailableError },
  SESSION_EXPIRED: { wire: 18, status: Status.ABORTED, type: SessionExpiredError },
  UNAUTHENTICATED: { wire: 19, status: Status.UNAUTHENTICATED, type: UnauthenticatedError },
  PERMISSION_DENIED: { wire: 20, status: Status.PERMISSION_DENIED, type: PermissionDeniedError },
  UNIMPLEMENTED: { wire: 21, status: Status.UNIMPLEMENTED, type: UnimplementedError },
  WORKER_DIED: { wire: 22, status: Status.ABORTED, type: WorkerDiedError },
  CLOSED: { wire: 23, status: Status.FAILED_PRECONDITION, type: ClosedError },
  PROTOCOL: { wire: 24, status: Status.INVALID_ARGUMENT, type: ProtocolError },
  END_OF_PIPE: { wire: 25, status: Status.FAILED_PRECONDITION, type: EndOfPipeError },
  BROKEN_BARRIER: { wire: 26, status: Status.ABORTED, type: BrokenBarrierError },
  DEADLOCK: { wire: 28, status: Status.ABORTED, type: DeadlockError },
  DELIVERY_LOST: { wire: 27, status: Status.ABORTED, type: DeliveryLostError },
  HISTORY_LOST: { wire: 30, status: Status.OUT_OF_RANGE, type: HistoryLostError },
  STALE_FENCE: { wire: 31, status: Status.FAILED_PRECONDITION, type: StaleFenceError },
  REMOTE: { wire: 40, status: Status.UNKNOWN, type: RemoteError },
  OUT_OF_MEMORY: { wire: 34, status: Status.RESOURCE_EXHAUSTED, type: OutOfMemoryError },
  DAMAGED_LOG: { wire: 35, status: Status.DATA_LOSS, type: DamagedLogError },
  LOG_FAILED: { wire: 36, status: Status.FAILED_PRECONDITION, type: LogFailedError },
  SCHEMA: { wire: 33, status: Status.INVALID_ARGUMENT, type: SchemaError },
} as const;

/** Code of an error: the name of its entry in `commonhold.v1.ErrorCode`. */
export type ErrorCode = keyof typeof TABLE;

const BY_WIRE = new Map(Object.values(TABLE).map((entry) => [entry.wire as number, entry]));

/** Returns the google.rpc.Code of a unary call that fails with the error. */
export function statusOf(error: ManagerError): number {
  return entryOf(error).status;
}

/** Returns the table entry of an error. A RemoteError may have any code, so its class decides. */
function entryOf(error: ManagerError): (typeof TABLE)[ErrorCode] {
  return error instanceof RemoteError ? TABLE.REMOTE : TABLE[error.code];
}

/** Converts an error to its form on the wire. */
export function toWire(error: ManagerError): WireError {
  return {
    code: entryOf(error).wire,
    message: error.message,
    object: error.object ?? '',
    method: error.method ?? '',
    retryable: error.retryable,
    mayHaveExecuted: error.mayHaveExecuted,
    accepted: (error as QueueFullError).accepted,
    reason: (error as Partial<BrokenBarrierError>).reason,
    deadlock: deadlockOf(error),
    thrown: (error as RemoteError).thrown,
  };
}

function deadlockOf({ cycle }: Partial<DeadlockError>): Deadlock | undefined {
  return cycle && { cycle: [...cycle] };
}

/** Makes the error of a wait whose timeout ended, of the class that the contract names for the method. */
export function timedOut(method: { readonly name: string; readonly timedOut: number }, message: string, info: ErrorInfo): ManagerError {
  const { type } = BY_WIRE.get(method.timedOut)!;
  return new type(message, { ...info, method: method.name, reason: type === BrokenBarrierError ? 'timeout' : undefined });
}

/** Marks an error: the call was executed although it failed. */
export function executed<E extends ManagerError>(error: E): E {
  return Object.defineProperty(error, 'mayHaveExecuted', { value: true });
}

/** Converts an error from the wire. An unknown code of a newer manager becomes a plain {@link ManagerError}. */
export function fromWire(wire: WireError, info: Pick<ErrorInfo, 'address' | 'cause'> = {}): ManagerError {
  const { type } = BY_WIRE.get(wire.code) ?? TABLE.INTERNAL;
  return new type(wire.message, { ...wire, cycle: wire.deadlock?.cycle, ...info });
}
