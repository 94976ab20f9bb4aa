import type { CallerRights } from '../../proto/contract.js';
import type { ManagerError } from '../../proto/errors.js';
import type { Method } from '../../proto/wire/codec.js';
import type { Route } from '../core/calls.js';
import type { MemoryEngine } from '../memory/index.js';
import type { MachineInput, MachineLimits, Turn } from './inputs.js';

/** Gets all that comes out of a machine, and then the turn that caused it. */
export interface Recorder {
  /** A frame for the client of a session. */
  frame(session: number, frame: Buffer): void;
  /** The answer of a unary call, or its error. */
  done(call: number, answer: Buffer | ManagerError): void;
  /** A turn that is over. */
  turn(turn: Turn): void;
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
  /** Takes an input as a turn. */
  turn(work: () => void, input: () => MachineInput): void;
}
