import { randomBytes, timingSafeEqual } from 'node:crypto';
import { hostname } from 'node:os';
import type { Hello, Resume } from '../../proto/gen/commonhold/v1/session_wire.js';
import { LONGEST_LEASE_MS } from '../../proto/session-stream.js';
import { threadLives } from '../../proto/system-thread.js';
import { KeptFrames, ReceivedFrames } from '../../proto/wire/kept-frames.js';

/** Pauses between the looks whether the process of a session without a stream lives, in milliseconds; the last one repeats. */
const LOOKS_MS = [1, 2, 4, 8, 16, 32, 64, 100];
/** Number of looks per lease whether a frame or a heartbeat arrived, for a session that needs them. */
const LOOKS = 4;
/** Number of looks in vain after which the session ends. With one more than a lease has, the client learns of its end before. */
const MOST_IN_VAIN = LOOKS + 1;

/** The part of a hello with the client's process and the lease that it asks for. */
type LeaseRequest = Pick<Hello, 'host' | 'hostId' | 'pid' | 'thread' | 'threadStart' | 'leaseMs' | 'heartbeats'>;

/** A frame that was sent to the client. */
interface AnswerFrame {
  readonly bytes: Buffer;
  /** Number of answers in it. */
  readonly answers: number;
}

/**
 * The lease of a session, by which it outlives its streams: the secret that resumes it, the frames that the client has not received yet, and
 * the end, if the client does not come back. A client on this host is looked for: the session of a process or thread that has ended ends.
 * A client on another host has to give signs of life, also while it has a stream.
 */
export class SessionLease {
  readonly ms: number;
  readonly secret = randomBytes(16).toString('hex');
  readonly kept = new KeptFrames<AnswerFrame>();
  readonly received = new ReceivedFrames();
  /** Number of the last attempt to resume. */
  #attempt = 0;
  readonly #isHere: boolean;
  /** True if the client is on another host, and gives signs of life. */
  readonly remote: boolean;
  /** Number of heartbeats that arrived. */
  #heartbeats = 0;
  #end: NodeJS.Timeout | undefined;
  #look: NodeJS.Timeout | undefined;
  #watch: NodeJS.Timeout | undefined;

  constructor(
    private readonly client: LeaseRequest,
    managerHostId: string,
    /** Called when the lease is over, or when the client has ended. */
    private readonly over: () => void,
  ) {
    this.ms = Math.min(client.leaseMs, LONGEST_LEASE_MS);
    this.#isHere = client.hostId === '' ? client.host === hostname() : client.hostId === managerHostId;
    this.remote = client.hostId !== '' && !this.#isHere;
  }

  /** Number of answers in the kept frames. */
  get keptAnswers(): number {
    let sum = 0;
    for (const { answers } of this.kept) sum += answers;
    return sum;
  }

  /** Returns true if the client may go on: it knows the secret, and has not made a later attempt. */
  admits({ secret, attempt }: Resume): boolean {
    if (!this.#isSecret(secret)) return false;
    if (attempt > 0 && attempt <= this.#attempt) return false;
    this.#attempt = Math.max(this.#attempt, attempt);
    return true;
  }

  /** Takes a heartbeat. Returns false if its secret is another. */
  heartbeat(secret: string): boolean {
    if (!this.#isSecret(secret)) return false;
    this.#heartbeats++;
    this.#end?.refresh();
    return true;
  }

  #isSecret(secret: string): boolean {
    const [mine, theirs] = [Buffer.from(this.secret), Buffer.from(secret)];
    return mine.length === theirs.length && timingSafeEqual(mine, theirs);
  }

  /** The session has a stream. A session that needs signs of life ends if none arrives for the length of its lease. */
  attached(): void {
    this.stop();
    if (this.client.heartbeats) this.#watchFor(() => this.received.count);
    else if (this.remote) this.#watchFor(() => this.received.count + this.#heartbeats);
  }

  /** The session has no stream. */
  detached(): void {
    this.stop();
    this.#end = setTimeout(this.over, this.ms);
    if (this.#isHere) this.#lookFor(0);
  }

  stop(): void {
    clearTimeout(this.#end);
    this.#end = undefined;
    clearTimeout(this.#look);
    clearInterval(this.#watch);
  }

  #lookFor(turn: number): void {
    this.#look = setTimeout(() => (lives(this.client) ? this.#lookFor(turn + 1) : this.over()), LOOKS_MS[turn] ?? LOOKS_MS.at(-1));
  }

  /** @param signs returns the number of signs of life that have arrived */
  #watchFor(signs: () => number): void {
    let seen = signs();
    let silent = 0;
    this.#watch = setInterval(() => {
      silent = seen === signs() ? silent + 1 : 0;
      seen = signs();
      if (silent === MOST_IN_VAIN) this.over();
    }, this.ms / LOOKS);
  }
}

/** Returns false if the process or the thread of a client on this host has ended for certain. */
function lives({ pid, thread, threadStart }: LeaseRequest): boolean {
  if (!threadLives(pid, { tid: thread, start: threadStart })) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
