import type { EngineLimits } from '../core/limits.js';
import type { TokenRights } from '../core/rights.js';
import type { WrittenOutcome } from '../core/system.js';
import type { State } from '../../proto/state.js';
import type { DescribedType } from '../described-types.js';

/** A client that opens a session. */
export interface ClientIdentity {
  readonly host: string;
  readonly pid: number;
  readonly label: string;
  /** Name of its token. Undefined if it needed none that has a name. */
  readonly token?: string | undefined;
  /** Undefined if the session ends with its stream. */
  readonly lease?: LeaseTerms | undefined;
}

/** The terms on which a session outlives its streams. The machine keeps them for its driver, which decides when the session ends. */
export interface LeaseTerms {
  /** Length of the lease in milliseconds. */
  readonly ms: number;
  /** Resumes the session. */
  readonly secret: string;
  /** The identity of the client's host, and of the thread in it. */
  readonly hostId: string;
  readonly thread: number;
  readonly threadStart: number;
  /** True if the session ends while its client sends nothing. */
  readonly heartbeats: boolean;
  /** True if answers to reads may arrive before it is kept that the calls were read. */
  readonly early: boolean;
}

/** A call without a session. */
export interface UnaryRequest {
  /** Shown as the holder of what the call acquires. */
  readonly label: string;
  /** Given by a caller that may send the request again: requests of the same id are executed once. */
  readonly id: string | undefined;
  /** Name of the caller's token. Undefined if it needed none that has a name. */
  readonly token?: string | undefined;
  /** Index of the method. */
  readonly method: number;
  readonly bytes: Uint8Array;
  /** True if the caller reads packed payloads. Otherwise they are answered as JSON. */
  readonly packed: boolean;
}

/** Limits of a machine. */
export interface MachineLimits extends EngineLimits {
  /** Maximum number of waiting calls of a session. */
  maxCalls: number;
}

/** Everything that a machine is told. */
export type MachineInput =
  | { readonly type: 'opened'; readonly session: number; readonly id: string; readonly client: ClientIdentity }
  /** `stoppedAt` is the number of the question for room at which reading ended; undefined if the frame was read to its end. */
  | { readonly type: 'frame'; readonly session: number; readonly frame: Buffer; readonly stoppedAt: number | undefined }
  /** The client says how many frames it has received, other than by the next frame that is read. */
  | { readonly type: 'received'; readonly session: number; readonly count: number }
  | { readonly type: 'flushed'; readonly session: number }
  | { readonly type: 'ended'; readonly session: number }
  | { readonly type: 'called'; readonly call: number; readonly request: UnaryRequest }
  | { readonly type: 'cancelled'; readonly call: number }
  /** Objects of registered types end, because their instances ended with the manager before. */
  | { readonly type: 'lost'; readonly names: readonly string[] }
  /** The manager was started again at this time, in milliseconds since 1970, and the last turns before may have been lost. */
  | { readonly type: 'restarted'; readonly wallTime: number }
  /** The end of a function of a user that was not over at once. */
  | { readonly type: 'completed'; readonly run: number; readonly outcome: WrittenOutcome }
  /** The limits are others from now on. */
  | { readonly type: 'limited'; readonly limits: MachineLimits }
  /** The registered types are others from now on. */
  | { readonly type: 'typed'; readonly types: readonly DescribedType[] }
  /** The tokens that have a name are others from now on. */
  | { readonly type: 'authorized'; readonly tokens: readonly TokenRights[] }
  /** The manager takes no more calls. */
  | { readonly type: 'draining'; readonly reason: string }
  /** Time went on: timers are due. */
  | { readonly type: 'tick' };

/** An input, with everything else on which its effects depend. */
export interface Turn {
  /** Time of the turn on the machine's clock. */
  readonly now: number;
  readonly input: MachineInput;
  /** Everything that the machine read from its surroundings during the turn, in order. */
  readonly observed: readonly State[];
}
