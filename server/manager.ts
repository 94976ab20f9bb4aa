import type { Socket } from 'node:net';
import { UnauthenticatedError, type LimitExceededError, type ManagerError } from '../proto/errors.js';
import type { MachineLimits } from '../engine/machine/inputs.js';
import type { Machine } from '../engine/machine/machine.js';
import type { ServerSurroundings } from '../engine/machine/surroundings.js';
import { methods } from '../proto/methods.js';
import { hostId } from '../proto/host-id.js';
import { PROTOCOL, VERSION } from '../proto/version.js';
import { CallRecords } from './observation/calls.js';
import type { Logger } from './observation/logger.js';
import type { ServerTracer } from './observation/tracer.js';
import { DividedWork } from './traffic/divided-work.js';
import { peerOf } from './traffic/peer-address.js';
import { InFlight, type Peer } from './traffic/in-flight.js';
import { Places } from './traffic/places.js';
import type { ResolvedOptions } from './options.js';
import { Slices } from './traffic/slices.js';
import type { LiveSession } from './session/stream.js';
import type { Access, Tokens } from './access/tokens.js';

/** Bytes of a frame reserved for everything beside the largest payload. */
const FRAMING_BYTES = 1024 * 1024;

/** Makes the machine of a server. */
export type MakeMachine = (limits: MachineLimits, surroundings: ServerSurroundings) => Machine;

/** Lets out what a machine sends once its turns are durable. */
export interface Outlet {
  /** True if clients can expect another manager at the same address, which goes on with their sessions. */
  readonly returns: boolean;
  /** True if something is held back. */
  readonly holds: boolean;
  /**
   * Runs something once all that the machine did so far is durable, after everything that was held back before. During a turn that only reads, all that
   * it did before.
   */
  release(run: () => void): void;
}

/** Returns the limits of the machine in the options of its server. */
export function limitsOf({ maxPayload, maxCalls, watchHistory, maxMemory, maxObjects, maxWaiting }: ResolvedOptions): MachineLimits {
  return { maxMessageBytes: maxPayload, maxCalls, watchHistory, maxMemory, maxObjects, maxWaiting };
}

/** A call without a session that is not answered. */
export interface UnaryInProgress {
  readonly access: Access;
  /** Answers it with an error. */
  fail(error: ManagerError): void;
  /** Gives it up in the machine. */
  cancel(): void;
}

/** A stream that is no session, and lasts until its client ends it. */
export interface LastingStream {
  readonly access: Access;
  fail(error: ManagerError): void;
}

/** State that all connections share: the machine, the sessions and the limits. */
export class ServedManager {
  /** Replaced together with all sessions and calls. */
  #machine: Machine;
  #log: Outlet | undefined;
  #refusal: ManagerError | undefined;
  #tokens: Tokens;
  /** The reason why the machine only reads. */
  #readOnly: ManagerError | undefined;
  readonly hostId = hostId();
  /** By id. */
  readonly sessions = new Map<string, LiveSession>();
  readonly maxMessageBytes: number;
  readonly sessionPlaces: Places;
  readonly #connectionPlaces: Places;
  readonly #connections = new Set<Socket>();
  readonly inFlight: InFlight;
  readonly slices = new Slices();
  readonly #work = new DividedWork(this.slices);
  readonly calls: CallRecords;
  readonly logger: Logger;
  /** Undefined if calls are no parts of traces. */
  readonly tracer: ServerTracer | undefined;
  /** Messages that arrive. */
  readonly incoming = new Set<Peer>();
  /** Calls without a session that are not answered. */
  readonly unaryCalls = new Set<UnaryInProgress>();
  readonly lasting = new Set<LastingStream>();
  readonly #surroundings: ServerSurroundings;
  readonly #watchers: ((takesChanges: boolean) => void)[] = [];

  /** @param log undefined if the manager keeps nothing */
  constructor(options: ResolvedOptions, makeMachine: MakeMachine, log?: Outlet) {
    this.#log = log;
    this.logger = options.logger;
    this.tracer = options.tracer;
    this.calls = new CallRecords(methods, options.slowCall, options.logger);
    this.maxMessageBytes = options.maxPayload;
    this.sessionPlaces = new Places('sessions', '--max-sessions', options.maxSessions, () => this.sessions.size);
    this.#connectionPlaces = new Places('connections', '--max-connections', options.maxConnections, () => this.#connections.size);
    this.inFlight = new InFlight(
      options.maxInFlight,
      () => [...this.sessions.values(), ...this.incoming],
      () => this.slices.end(),
    );
    this.#surroundings = {
      program: () => ({ version: VERSION, protocol: PROTOCOL, pid: process.pid }),
      traffic: () => ({
        sessions: this.sessions.size,
        callsInFlight: this.#sum((session) => session.waiting),
        callsTotal: this.machine.callsTotal,
        keptAnswers: this.machine.keptAnswers + this.#sum((session) => session.keptAnswers),
        logFailure: this.#readOnly?.message,
        limits: [this.sessionPlaces.use, this.#connectionPlaces.use, this.inFlight.use],
      }),
      slowCalls: (before, most) => this.calls.slow.list(before, most),
      divide: (steps) => this.#work.do(steps),
    };
    this.#machine = makeMachine(limitsOf(options), this.#surroundings);
    this.#tokens = options.tokens;
    this.#machine.authorize(this.#tokens.rights);
  }

  get tokens(): Tokens {
    return this.#tokens;
  }

  /** Takes other tokens from now on. Sessions, calls and streams of a token that is gone end; rights that are others hold from the next call. */
  authorize(tokens: Tokens): void {
    this.#tokens = tokens;
    const gone = new UnauthenticatedError('its token is not valid any more');
    for (const session of this.sessions.values()) if (!tokens.includes(session.access)) session.end(gone);
    for (const call of this.unaryCalls) {
      if (tokens.includes(call.access)) continue;
      call.fail(gone);
      call.cancel();
    }
    for (const stream of this.lasting) if (!tokens.includes(stream.access)) stream.fail(gone);
    this.#machine.authorize(tokens.rights);
  }

  get machine(): Machine {
    return this.#machine;
  }

  /** Undefined if the manager keeps nothing. */
  get log(): Outlet | undefined {
    return this.#log;
  }

  /** The error for every client, while the manager serves none. */
  get refusal(): ManagerError | undefined {
    return this.#refusal;
  }

  /** Ends all sessions and calls on this side, and serves no client until {@link serve}. The machine keeps the sessions. */
  refuse(refusal: ManagerError): void {
    this.#refusal = refusal;
    for (const session of this.sessions.values()) session.stop(refusal);
    this.sessions.clear();
    for (const call of this.unaryCalls) call.fail(refusal);
    this.unaryCalls.clear();
    this.#tellWatchers();
  }

  /**
   * Serves another machine, once it is made. Sessions and calls with the one before end.
   * @param make its error is that of this method: then nothing has changed
   * @param replaced the error of those sessions and calls
   * @param readOnly the reason why it only reads
   */
  async serve(
    make: (rest: ServerSurroundings) => Machine | Promise<Machine>,
    log: Outlet,
    replaced: ManagerError,
    readOnly?: ManagerError,
  ): Promise<void> {
    const machine = await make(this.#surroundings);
    this.refuse(replaced);
    this.#machine = machine;
    machine.authorize(this.#tokens.rights);
    this.#log = log;
    this.#readOnly = readOnly;
    this.#refusal = undefined;
    this.#tellWatchers();
  }

  /** Counts a connection until it closes. Returns the error that refuses it if there are too many. */
  admit(socket: Socket): LimitExceededError | undefined {
    const refusal = this.#connectionPlaces.refusal();
    if (refusal !== undefined) {
      this.logger.often('a connection was refused', { reason: refusal.message, client: peerOf(socket) });
      return refusal;
    }
    this.#connections.add(socket);
    socket.once('close', () => this.#connections.delete(socket));
    return undefined;
  }

  /** Calls the function now, and whenever it changes whether the manager takes changes. */
  watch(tell: (takesChanges: boolean) => void): void {
    this.#watchers.push(tell);
    tell(this.#takesChanges);
  }

  get #takesChanges(): boolean {
    return this.#refusal === undefined && this.#readOnly === undefined;
  }

  #tellWatchers(): void {
    for (const tell of this.#watchers) tell(this.#takesChanges);
  }

  /** Runs something once all that the machine did so far is durable: at once if the manager keeps nothing. */
  release(run: () => void): void {
    if (this.#log === undefined) run();
    else this.#log.release(run);
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
