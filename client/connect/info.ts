import type { ObjectInfo as WireInfo } from '../../proto/gen/commonhold/v1/manager_wire.js';
import { holderInfo, type HolderInfo } from '../locking/holder.js';
import type { Kind } from '../../proto/gen/commonhold/v1/services_wire.js';

/** A shared object as others see it. */
export interface ObjectInfo {
  readonly kind: Kind;
  readonly name: string;
  /** Entries, items; 1 for a value or a lock. */
  readonly size: number;
  /**
   * Bytes of the payloads it holds: keys and values, items that wait or are delivered, elements of an array. What the
   * manager needs beside them is not counted, nor is the instance of a registered type. The manager keeps count, with one
   * byte for each character of a key; an arena counts when asked, keys in UTF-8.
   */
  readonly bytes: number;
  /** Milliseconds since it was made. */
  readonly age: number;
  /** Who holds its lock. */
  readonly holders: readonly HolderInfo[];
  /** Calls that wait on it. */
  readonly waiters: number;
  /** Its options, for people. */
  readonly options: Readonly<Record<string, string>>;
  /** Milliseconds until it ends by itself; undefined where it does not. */
  readonly expiresIn: number | undefined;
  /** The client in whose process it is at home; undefined where the manager holds it. */
  readonly home: ObjectHome | undefined;
}

/** The client in whose process an object is at home. */
export interface ObjectHome {
  readonly sessionId: string;
  readonly host: string;
  readonly pid: number;
  /** What the client calls itself. */
  readonly label: string;
}

/** Counts over a whole manager. */
export interface ManagerStats {
  readonly version: string;
  readonly engine: string;
  /** Milliseconds since the manager started. */
  readonly uptime: number;
  readonly objects: number;
  /** Bytes of the payloads that all objects of the manager hold ({@link ObjectInfo.bytes}); of an arena, the memory in use. */
  readonly bytes: number;
  /** Sessions that are open, the asker's own among them. */
  readonly sessions: number;
  /** Calls that wait for what others do. */
  readonly waiters: number;
  /** Watches of dicts and lists that have not ended, and calls that watch other kinds. */
  readonly watches: number;
  /** Objects whose lock or permits someone holds, each holder counted. */
  readonly heldLocks: number;
  /** Calls that wait in sessions. */
  readonly callsInFlight: number;
  /** Calls since the manager started. */
  readonly callsTotal: number;
  /** Memory of the manager's process, in bytes. */
  readonly memory: { readonly resident: number; readonly heap: number };
}

/** @internal */
export function infoOf({ kind, ageMs, holders, expiresInMs, home, ...rest }: WireInfo): ObjectInfo {
  return { kind: kind as Kind, age: ageMs, holders: holders.map(holderInfo), expiresIn: expiresInMs, home, ...rest };
}
