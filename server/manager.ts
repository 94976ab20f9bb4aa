import type { MachineLimits } from '../engine/machine/inputs.js';
import type { Machine } from '../engine/machine/machine.js';
import type { Surroundings } from '../engine/machine/surroundings.js';
import { hostId } from '../proto/host-id.js';
import { PROTOCOL, VERSION } from '../proto/version.js';
import type { ResolvedOptions } from './options.js';
import type { LiveSession } from './session/stream.js';

/** Bytes of a frame reserved for everything beside the largest payload. */
const FRAMING_BYTES = 1024 * 1024;

/** The surroundings of a machine that belong to its server. */
export type ServerSurroundings = Pick<Surroundings, 'program' | 'traffic'>;

/** Makes the machine of a server. */
export type MakeMachine = (limits: MachineLimits, surroundings: ServerSurroundings) => Machine;

/** Lets out what a machine sends once its turns are durable. */
export interface Outlet {
  /** True if clients can expect another manager at the same address, which goes on with their sessions. */
  readonly returns: boolean;
  /** Runs something once all that the machine did so far is durable, after everything that was held back before. */
  release(run: () => void): void;
}

/** Returns the limits of the machine in the options of its server. */
export function limitsOf({ maxPayload, maxCalls, watchHistory }: ResolvedOptions): MachineLimits {
  return { maxMessageBytes: maxPayload, maxCalls, watchHistory };
}

/** State that all connections share: the machine, the sessions and the limits. */
export class ServedManager {
  readonly machine: Machine;
  readonly hostId = hostId();
  /** By id. */
  readonly sessions = new Map<string, LiveSession>();
  readonly maxMessageBytes: number;

  /** @param log undefined if the manager keeps nothing */
  constructor(
    options: ResolvedOptions,
    makeMachine: MakeMachine,
    readonly log?: Outlet,
  ) {
    this.maxMessageBytes = options.maxPayload;
    this.machine = makeMachine(limitsOf(options), {
      program: () => ({ version: VERSION, protocol: PROTOCOL, pid: process.pid }),
      traffic: () => ({
        sessions: this.sessions.size,
        callsInFlight: this.#sum((session) => session.waiting),
        callsTotal: this.machine.callsTotal,
        keptAnswers: this.machine.keptAnswers + this.#sum((session) => session.keptAnswers),
      }),
    });
  }

  /** Runs something once all that the machine did so far is durable: at once if the manager keeps nothing. */
  release(run: () => void): void {
    if (this.log === undefined) run();
    else this.log.release(run);
  }

  #sum(of: (session: LiveSession) => number): number {
    let sum = 0;
    for (const session of this.sessions.values()) sum += of(session);
    return sum;
  }

  /** Maximum size of a frame or unary message in bytes: the largest payload, and the space for everything beside it. */
  get maxFrameBytes(): number {
    return this.maxMessageBytes + FRAMING_BYTES;
  }
}
