import type { CallerRights } from '../../proto/contract.js';
import type { ManagerError } from '../../proto/errors.js';
import type { Method } from '../../proto/wire/codec.js';
import type { Route } from '../core/calls.js';
import type { Clock } from '../core/clock.js';
import type { MemoryEngine } from '../memory/index.js';
import type { MachineInput, MachineLimits, Turn } from './inputs.js';

/** Gets all that comes out of a machine, and then the turn that caused it. */
export interface Recorder {
  /** A frame for the client of a session. */
  frame(session: number, frame: Buffer): void;
  /** The answer of a unary call, or its error. */
  done(call: number, answer: Buffer | ManagerError): void;
  /** A turn that is over. @param onlyRead true if no client can rely on the turn, so that its outputs need not wait until it is kept */
  turn(turn: Turn, onlyRead: boolean): void;
}

/** A machine, as its sessions and calls see it. */
export interface MachineContext {
  readonly engine: MemoryEngine;
  readonly routes: readonly Route[];
  readonly limits: Readonly<MachineLimits>;
  /** Returns the error for a new call of a method that the manager does not take now. */
  refusalOf(method: Method): ManagerError | undefined;
  /** Returns the rights of a token by its name; undefined if it has all of them. */
  rightsOf(token: string | undefined): CallerRights | undefined;
  readonly record: Recorder | undefined;
  /** Number of all calls ever made. */
  callsTotal: number;
  readonly clock: Clock;
  /** Takes an input as a turn. @param onlyRead asked at the end of the turn: returns true if its own work has only read. Default: it has not */
  turn(work: () => void, input: () => MachineInput, onlyRead?: () => boolean): void;
}
