import { randomBytes, timingSafeEqual } from 'node:crypto';
import { hostname } from 'node:os';
import type { ClientIdentity, LeaseTerms } from '../../engine/machine/inputs.js';
import type { Hello, Resume } from '../../proto/gen/commonhold/v1/session_wire.js';
import { LONGEST_LEASE_MS } from '../../proto/session-stream.js';
import { threadLives } from '../../proto/system-thread.js';

/** Pauses between the looks whether the process of a session without a stream lives, in milliseconds; the last one repeats. */
const LOOKS_MS = [1, 2, 4, 8, 16, 32, 64, 100];
/** Number of looks per lease whether a frame or a heartbeat arrived, for a session that needs them. */
const LOOKS = 4;
/** Number of looks in vain after which the session ends. With one more than a lease has, the client learns of its end before. */
const MOST_IN_VAIN = LOOKS + 1;

/**
 * Returns the terms on which the session of a client outlives its streams; undefined if it asks for none.
 * @param waits true if answers wait until their calls are kept, unless they may be early
 */
export function leaseTerms({ leaseMs, hostId, thread, threadStart, heartbeats, early }: Hello, waits: boolean): LeaseTerms | undefined {
  if (leaseMs === 0) return undefined;
  const ms = Math.min(leaseMs, LONGEST_LEASE_MS);
  return { ms, secret: randomBytes(16).toString('hex'), hostId, thread, threadStart, heartbeats, early: early && waits };
}

/**
 * The lease of a session, by which it outlives its streams: who may resume it, and when it ends if the client does not come back. A client on this host is looked for: the session of a process or thread that has ended ends.
 * A client on another host has to give signs of life, also while it has a stream.
 */
export class SessionLease {
  /** Number of the last attempt to resume. */
  #attempt = 0;
  readonly #isHere: boolean;
  /** True if the client is on another host, and gives signs of life. */
  readonly remote: boolean;
  /** Number of frames and of heartbeats that arrived. */
  #frames = 0;
  #heartbeats = 0;
  #end: NodeJS.Timeout | undefined;
  #look: NodeJS.Timeout | undefined;
  #watch: NodeJS.Timeout | undefined;

  constructor(
    readonly terms: LeaseTerms,
    private readonly client: Pick<ClientIdentity, 'host' | 'pid'>,
    managerHostId: string,
    /** Called when the lease is over, or when the client has ended. */
    private readonly over: () => void,
  ) {
    this.#isHere = terms.hostId === '' ? client.host === hostname() : terms.hostId === managerHostId;
    this.remote = terms.hostId !== '' && !this.#isHere;
  }

  /** Returns true if the client may go on: it knows the secret, and has not made a later attempt. */
  admits({ secret, attempt }: Resume): boolean {
    if (!this.#isSecret(secret)) return false;
    if (attempt > 0 && attempt <= this.#attempt) return false;
    this.#attempt = Math.max(this.#attempt, attempt);
    return true;
  }

  /** A frame arrived. */
  heard(): void {
    this.#frames++;
  }

  /** Takes a heartbeat. Returns false if its secret is another. */
  heartbeat(secret: string): boolean {
    if (!this.#isSecret(secret)) return false;
    this.#heartbeats++;
    this.#end?.refresh();
    return true;
  }

  #isSecret(secret: string): boolean {
    const [mine, theirs] = [Buffer.from(this.terms.secret), Buffer.from(secret)];
    return mine.length === theirs.length && timingSafeEqual(mine, theirs);
  }

  /** The session has a stream. A session that needs signs of life ends if none arrives for the length of its lease. */
  attached(): void {
    this.stop();
    if (this.terms.heartbeats) this.#watchFor(() => this.#frames);
    else if (this.remote) this.#watchFor(() => this.#frames + this.#heartbeats);
  }

  /** The session has no stream. */
  detached(): void {
    this.stop();
    this.#end = setTimeout(this.over, this.terms.ms);
    if (this.#isHere) this.#lookFor(0);
  }

  stop(): void {
    clearTimeout(this.#end);
    this.#end = undefined;
    clearTimeout(this.#look);
    clearInterval(this.#watch);
  }

  #lookFor(turn: number): void {
    this.#look = setTimeout(
      () => (lives(this.client, this.terms) ? this.#lookFor(turn + 1) : this.over()),
      LOOKS_MS[turn] ?? LOOKS_MS.at(-1),
    );
  }

  /** @param signs returns the number of signs of life that have arrived */
  #watchFor(signs: () => number): void {
    let seen = signs();
    let silent = 0;
    this.#watch = setInterval(() => {
      silent = seen === signs() ? silent + 1 : 0;
      seen = signs();
      if (silent === MOST_IN_VAIN) this.over();
    }, this.terms.ms / LOOKS);
  }
}

/** Returns false if the process or the thread of a client on this host has ended for certain. */
function lives({ pid }: Pick<ClientIdentity, 'pid'>, { thread, threadStart }: LeaseTerms): boolean {
  if (!threadLives(pid, { tid: thread, start: threadStart })) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
