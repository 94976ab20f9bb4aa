import { createMemoryEngine, type Host } from '../engine/memory/index.js';
import type { TypeRegistry } from '../engine/types.js';
import type { Engine } from '../proto/contract.js';
import { ManagerUnavailableError } from '../proto/errors.js';
import { methods } from '../proto/methods.js';
import { PROTOCOL, VERSION } from '../proto/version.js';
import { routesOf, type Route, type SessionCalls } from '../engine/core/calls.js';
import type { ResolvedOptions } from './options.js';
import type { LiveSession } from './session/stream.js';
import { thisSystem } from '../engine/system.js';

/** Bytes of a frame reserved for everything beside the largest payload. */
const FRAMING_BYTES = 1024 * 1024;

/** State that all connections share: the engine, the limits, the sessions and the calls. */
export class ServedManager {
  readonly engine: Engine;
  readonly routes: readonly Route[];
  /** By id. */
  readonly sessions = new Map<string, LiveSession>();
  readonly maxMessageBytes: number;
  readonly maxCalls: number;
  /** Unary calls in progress. */
  readonly unaryCalls = new Set<SessionCalls>();
  callsTotal = 0;
  /** The error for new calls; set when the manager stops. */
  draining: ManagerUnavailableError | undefined;

  constructor(options: ResolvedOptions, types: TypeRegistry) {
    this.maxMessageBytes = options.maxPayload;
    this.maxCalls = options.maxCalls;
    const host: Host = {
      version: VERSION,
      protocol: PROTOCOL,
      system: thisSystem(),
      maxMessageBytes: this.maxMessageBytes,
      watchHistory: options.watchHistory,
      traffic: () => ({
        sessions: this.sessions.size,
        callsInFlight: this.#sum((session) => session.waiting),
        callsTotal: this.callsTotal,
        keptAnswers: this.#sum((session) => session.keptAnswers),
      }),
    };
    this.engine = createMemoryEngine(host, types);
    this.routes = routesOf(this.engine, methods);
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

  /** Refuses new calls, and fails the waiting ones. */
  drain(): void {
    this.draining = new ManagerUnavailableError('the manager is going away');
    for (const session of this.sessions.values()) session.drain(this.draining);
    for (const calls of this.unaryCalls) calls.failWaiting(this.draining);
  }
}
