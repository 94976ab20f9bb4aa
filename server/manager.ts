import type { Recorder } from '../engine/machine/context.js';
import type { MachineLimits } from '../engine/machine/inputs.js';
import { Machine } from '../engine/machine/machine.js';
import type { Program, Traffic } from '../engine/memory/index.js';
import { thisProcess } from '../engine/system.js';
import type { TypeRegistry } from '../engine/types.js';
import { hostId } from '../proto/host-id.js';
import { PROTOCOL, VERSION } from '../proto/version.js';
import type { ResolvedOptions } from './options.js';
import type { LiveSession } from './session/stream.js';

/** Bytes of a frame reserved for everything beside the largest payload. */
const FRAMING_BYTES = 1024 * 1024;

/** State that all connections share: the machine, the sessions and the limits. */
export class ServedManager {
  readonly machine: Machine;
  readonly hostId = hostId();
  /** By id. */
  readonly sessions = new Map<string, LiveSession>();
  readonly maxMessageBytes: number;

  /** @param record gets each turn of the machine */
  constructor(options: ResolvedOptions, types: TypeRegistry, record?: Recorder) {
    this.maxMessageBytes = options.maxPayload;
    const limits: MachineLimits = {
      maxMessageBytes: this.maxMessageBytes,
      maxCalls: options.maxCalls,
      watchHistory: options.watchHistory,
    };
    const program = (): Program => ({ version: VERSION, protocol: PROTOCOL, pid: process.pid });
    const traffic = (): Traffic => ({
      sessions: this.sessions.size,
      callsInFlight: this.#sum((session) => session.waiting),
      callsTotal: this.machine.callsTotal,
      keptAnswers: this.machine.keptAnswers + this.#sum((session) => session.keptAnswers),
    });
    this.machine = new Machine(limits, { ...thisProcess(), program, traffic }, types, record);
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
