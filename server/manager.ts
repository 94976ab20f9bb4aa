import { createMemoryEngine, type Host } from '../engine/memory/index.js';
import type { TypeRegistry } from '../engine/types.js';
import type { CallContext, Engine } from '../proto/contract.js';
import { ManagerUnavailableError } from '../proto/errors.js';
import { methods } from '../proto/methods.js';
import { PROTOCOL, VERSION } from '../proto/version.js';
import { routesOf, type Route } from '../engine/core/calls.js';
import type { ResolvedOptions } from './options.js';

/** Room for what frames carry beside the largest payload. */
const FRAMING_BYTES = 1024 * 1024;

/** A session as the manager sees it. */
export interface LiveSession {
  /** Calls that wait. */
  readonly waiting: number;
  /** Tells the client that the manager goes away, and fails the calls that wait. */
  drain(reason: ManagerUnavailableError): void;
  /** Ends session and stream. */
  leave(): void;
}

/** What all connections share: the engine, the limits, and who is there. */
export class ServedManager {
  readonly engine: Engine;
  readonly routes: readonly Route[];
  readonly sessions = new Set<LiveSession>();
  readonly maxMessageBytes: number;
  readonly maxCalls: number;
  /** Unary calls under way. */
  readonly unaryCalls = new Set<CallContext>();
  callsTotal = 0;
  /** Set while the manager goes away: what new calls are told. */
  draining: ManagerUnavailableError | undefined;

  constructor(options: ResolvedOptions, types: TypeRegistry) {
    this.maxMessageBytes = options.maxPayload;
    this.maxCalls = options.maxCalls;
    const host: Host = {
      version: VERSION,
      protocol: PROTOCOL,
      maxMessageBytes: this.maxMessageBytes,
      watchHistory: options.watchHistory,
      traffic: () => ({ sessions: this.sessions.size, callsInFlight: this.#waiting, callsTotal: this.callsTotal }),
    };
    this.engine = createMemoryEngine(host, types);
    this.routes = routesOf(this.engine, methods);
  }

  get #waiting(): number {
    let waiting = 0;
    for (const session of this.sessions) waiting += session.waiting;
    return waiting;
  }

  /** Largest frame or unary message taken: the largest payload, and room for what goes with it. */
  get maxFrameBytes(): number {
    return this.maxMessageBytes + FRAMING_BYTES;
  }

  /** Takes no new calls, and fails those that wait. */
  drain(): void {
    this.draining = new ManagerUnavailableError('the manager is going away');
    for (const session of this.sessions) session.drain(this.draining);
    for (const call of this.unaryCalls) call.cancel?.(this.draining);
  }
}
