import { ManagerError } from '../../proto/errors.js';
import type { ObservedClient } from './observed-client.js';

/** A call as its user saw it. */
export interface Call {
  readonly object: string;
  readonly what: string;
  readonly args: readonly unknown[];
  readonly client: ObservedClient;
  /** Place of its beginning and of its end among all events of the world. */
  readonly called: number;
  returned: number;
  readonly calledAt: number;
  returnedAt: number;
  /** Latest time at which it may end, unless a process stands still. */
  readonly dueAt: number;
  /** Place of a moment at which the manager certainly had it. */
  knownAt: number;
  /** `refused`: it certainly had no effect. `unknown`: it may have had one. */
  outcome: 'pending' | 'done' | 'refused' | 'unknown';
  result: unknown;
  error: unknown;
}

/** The calls of a world, in the order in which they were made. */
export class History {
  readonly calls: Call[] = [];
  #events = 0;

  /** Number of this moment among all events of the world. */
  moment(): number {
    return ++this.#events;
  }

  /** A call begins. */
  begin(call: Call): void {
    this.calls.push(call);
  }

  /** A call has ended. */
  end(call: Call): void {
    call.returned = this.moment();
  }

  of(object: string): Call[] {
    return this.calls.filter((call) => call.object === object);
  }
}

/** Calls that hand something over. If they are aborted, they have taken nothing. */
const TAKING = new Set(['get', 'receive', 'deliver', 'acquire']);

/** Classifies a call that failed. */
export function outcomeOf(what: string, error: unknown): 'refused' | 'unknown' {
  if (!(error instanceof ManagerError)) return TAKING.has(what) ? 'refused' : 'unknown';
  return error.mayHaveExecuted ? 'unknown' : 'refused';
}
