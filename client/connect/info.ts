import type {
  ObjectInfo as WireInfo,
  SessionInfo as WireSession,
  SlowCall as WireSlowCall,
} from '../../proto/gen/commonhold/v1/manager_wire.js';
import { holderInfo, type HolderInfo } from '../locking/holder.js';
import type { Kind } from '../../proto/gen/commonhold/v1/services_wire.js';

/** Information about a shared object. */
export interface ObjectInfo {
  readonly kind: Kind;
  readonly name: string;
  /** Number of entries or items; 1 for a value or a lock. */
  readonly size: number;
  /**
   * Total size in bytes of the payloads that the object holds: keys and values, waiting and delivered items, elements of an array. Excludes
   * the manager's own overhead and the instances of registered types. A manager keeps a running count, with one byte per character of a
   * key; an arena counts when asked, with keys in UTF-8.
   */
  readonly bytes: number;
  /** Milliseconds since its creation. */
  readonly age: number;
  /** Holders of its lock or permits. */
  readonly holders: readonly HolderInfo[];
  /** Number of calls that wait on it. */
  readonly waiters: number;
  /** Its options, formatted for display. */
  readonly options: Readonly<Record<string, string>>;
  /** Milliseconds until it expires; undefined if it does not expire. */
  readonly expiresIn: number | undefined;
  /** The client whose process holds the object; undefined if the manager holds it. */
  readonly home: ObjectHome | undefined;
}

/** The client whose process holds an object. */
export interface ObjectHome {
  readonly sessionId: string;
  readonly host: string;
  readonly pid: number;
  /** Label of the client. */
  readonly label: string;
}

/** An open session of a manager. */
export interface SessionInfo {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  /** Label of the client. */
  readonly label: string;
  /** Name of its token; undefined if it has none. */
  readonly token: string | undefined;
  /** Length of its lease in milliseconds; undefined if it ends with its connection. */
  readonly lease: number | undefined;
  /** Number of its calls that wait. */
  readonly waiting: number;
  /** Number of locks, permits, deliveries and other things that its end gives back. */
  readonly holds: number;
  /** Number of answers that the manager keeps until the client says that they have arrived. */
  readonly keptAnswers: number;
}

/** A call that kept a manager busy for long. */
export interface SlowCall {
  /** Counts all slow calls of the manager, from 1. */
  readonly number: number;
  /** Time at which it was found. */
  readonly at: Date;
  /**
   * Milliseconds that it took, from its request to its answer, with everything else that it set off, such as the answers of calls that waited
   * for it. The time in which it waited for other clients does not count; pauses of the whole process do.
   */
  readonly took: number;
  /** Full name, such as "commonhold.v1.ListService/IndexOf". */
  readonly method: string;
  /** Name of its object; undefined if it has none. */
  readonly object: string | undefined;
  /** Size of its request. */
  readonly requestBytes: number;
  /** Session that made it; undefined for a unary call. */
  readonly sessionId: string | undefined;
  /** Label of the session, or the address of a unary caller. */
  readonly label: string;
  /** Name of its token; undefined if it has none. */
  readonly token: string | undefined;
}

/** A limit of a manager. */
export interface LimitUse {
  /**
   * `memory`: bytes of objects and waiting calls, as the manager counts them; `objects`; `waiting`: calls that wait; `sessions`;
   * `connections`; `in flight`: bytes of requests that are not read to their end, and of answers that clients have not read.
   */
  readonly name: string;
  readonly used: number;
  readonly most: number;
  /** Number of times that it refused something since the manager started. */
  readonly refused: number;
}

/** Statistics of a whole manager. */
export interface ManagerStats {
  readonly version: string;
  readonly engine: string;
  /** Milliseconds since the manager started. */
  readonly uptime: number;
  readonly objects: number;
  /** Total of {@link ObjectInfo.bytes} over all objects of the manager; of an arena, the memory in use. */
  readonly bytes: number;
  /** Number of open sessions, including the caller's own. */
  readonly sessions: number;
  /** Number of calls that wait for an action of another client. */
  readonly waiters: number;
  /** Number of watches of dicts and lists that have not ended, plus the calls that watch other kinds. */
  readonly watches: number;
  /** Number of holds of locks and permits, counting each holder of an object. */
  readonly heldLocks: number;
  /** Number of calls that wait in sessions. */
  readonly callsInFlight: number;
  /** Number of calls since the manager started. */
  readonly callsTotal: number;
  /** Number of answers that the manager keeps until their clients say that they have arrived. */
  readonly keptAnswers: number;
  /** The reason why the manager only reads: its log cannot be written. Undefined if it takes changes. */
  readonly logFailure?: string | undefined;
  /** The limits of the manager, and how much of them is used. An arena has none. */
  readonly limits: readonly LimitUse[];
  /** Memory of the manager's process, in bytes. */
  readonly memory: { readonly resident: number; readonly heap: number };
}

/** @internal */
export function infoOf({ kind, ageMs, holders, expiresInMs, home, ...rest }: WireInfo): ObjectInfo {
  return { kind: kind as Kind, age: ageMs, holders: holders.map(holderInfo), expiresIn: expiresInMs, home, ...rest };
}

/** @internal */
export function sessionOf({ leaseMs, token, ...rest }: WireSession): SessionInfo {
  return { ...rest, token, lease: leaseMs };
}

/** @internal */
export function slowCallOf({ atMs, tookMs, object, sessionId, token, ...rest }: WireSlowCall): SlowCall {
  return { ...rest, at: new Date(atMs), took: tookMs, object: object || undefined, sessionId: sessionId || undefined, token };
}
