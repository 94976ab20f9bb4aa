import { randomBytes, timingSafeEqual } from 'node:crypto';
import { hostname } from 'node:os';
import type { Hello, Resume } from '../../proto/gen/commonhold/v1/session_wire.js';
import { LONGEST_LEASE_MS } from '../../proto/session-stream.js';
import { threadLives } from '../../proto/system-thread.js';
import { KeptFrames, ReceivedFrames } from '../../proto/wire/kept-frames.js';

/** Pauses between the looks whether the process of a session without a stream lives, in milliseconds; the last one repeats. */
const LOOKS_MS = [1, 2, 4, 8, 16, 32, 64, 100];
/** Number of looks per lease whether a frame arrived, for a session with heartbeats. */
const LOOKS = 4;
/** Number of looks in vain after which the session ends. With one more than a lease has, the client learns of its end before. */
const MOST_IN_VAIN = LOOKS + 1;

/** A client whose end the manager can find out. */
type ClientProcess = Pick<Hello, 'host' | 'pid' | 'thread' | 'threadStart'>;

/** A frame that was sent to the client. */
interface AnswerFrame {
  readonly bytes: Buffer;
  /** Number of answers in it. */
  readonly answers: number;
}

/**
 * The lease of a session, by which it outlives its streams: the secret that resumes it, the frames that the client has not received yet, and
 * the end, if the client does not come back. A client on this host is looked for: the session of a process or thread that has ended ends.
 */
export class SessionLease {
  readonly ms: number;
  readonly secret = randomBytes(16).toString('hex');
  readonly kept = new KeptFrames<AnswerFrame>();
  readonly received = new ReceivedFrames();
  /** Number of the last attempt to resume. */
  #attempt = 0;
  #end: NodeJS.Timeout | undefined;
  #look: NodeJS.Timeout | undefined;
  #beats: NodeJS.Timeout | undefined;

  constructor(
    private readonly client: ClientProcess,
    ms: number,
    /** Called when the lease is over, or when the client has ended. */
    private readonly over: () => void,
  ) {
    this.ms = Math.min(ms, LONGEST_LEASE_MS);
  }

  /** Number of answers in the kept frames. */
  get keptAnswers(): number {
    let sum = 0;
    for (const { answers } of this.kept) sum += answers;
    return sum;
  }

  /** Returns true if the client may go on: it knows the secret, and has not made a later attempt. */
  admits({ secret, attempt }: Resume): boolean {
    const [mine, theirs] = [Buffer.from(this.secret), Buffer.from(secret)];
    if (mine.length !== theirs.length || !timingSafeEqual(mine, theirs)) return false;
    if (attempt > 0 && attempt <= this.#attempt) return false;
    this.#attempt = Math.max(this.#attempt, attempt);
    return true;
  }

  /** The session has a stream. With `heartbeats`, the lease also ends if no frame arrives there for its length. */
  attached(heartbeats: boolean): void {
    this.stop();
    if (heartbeats) this.#watchFrames();
  }

  /** The session has no stream. */
  detached(): void {
    this.stop();
    this.#end = setTimeout(this.over, this.ms);
    if (this.client.host === hostname()) this.#lookFor(0);
  }

  stop(): void {
    clearTimeout(this.#end);
    clearTimeout(this.#look);
    clearInterval(this.#beats);
  }

  #lookFor(turn: number): void {
    this.#look = setTimeout(() => (lives(this.client) ? this.#lookFor(turn + 1) : this.over()), LOOKS_MS[turn] ?? LOOKS_MS.at(-1));
  }

  #watchFrames(): void {
    let received = this.received.count;
    let silent = 0;
    this.#beats = setInterval(() => {
      silent = received === this.received.count ? silent + 1 : 0;
      received = this.received.count;
      if (silent === MOST_IN_VAIN) this.over();
    }, this.ms / LOOKS);
  }
}

/** Returns false if the process or the thread of a client on this host has ended for certain. */
function lives({ pid, thread, threadStart }: ClientProcess): boolean {
  if (!threadLives(pid, { tid: thread, start: threadStart })) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
