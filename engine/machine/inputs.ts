import type { CodeOutcome } from '../core/system.js';

/** A client that opens a session. */
export interface ClientIdentity {
  readonly host: string;
  readonly pid: number;
  readonly label: string;
  readonly isSdk: boolean;
}

/** A call without a session. */
export interface UnaryRequest {
  /** Shown as the holder of what the call acquires. */
  readonly label: string;
  /** Given by a caller that may send the request again: requests of the same id are executed once. */
  readonly id: string | undefined;
  /** Index of the method. */
  readonly method: number;
  readonly bytes: Uint8Array;
  /** True if the caller reads packed payloads. Otherwise they are answered as JSON. */
  readonly packed: boolean;
}

/** Everything that a machine is told. */
export type MachineInput =
  | { readonly type: 'opened'; readonly session: string; readonly client: ClientIdentity }
  /** `stoppedAt` is the number of the question for room at which reading ended; undefined if the frame was read to its end. */
  | { readonly type: 'frame'; readonly session: string; readonly frame: Buffer; readonly stoppedAt: number | undefined }
  | { readonly type: 'flushed'; readonly session: string; readonly received: number | undefined }
  | { readonly type: 'ended'; readonly session: string }
  | { readonly type: 'called'; readonly call: number; readonly request: UnaryRequest }
  | { readonly type: 'cancelled'; readonly call: number }
  /** The end of a function of a user that was not over at once. */
  | { readonly type: 'completed'; readonly run: number; readonly outcome: CodeOutcome }
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
  readonly observed: readonly unknown[];
}
