import type { CallContext, Caller, Hold } from '../../proto/contract.js';
import { HistoryLostError, InvalidArgumentError } from '../../proto/errors.js';
import { Deque } from './deque.js';
import { firstRevision } from './pulse.js';
import { WaitList, type Waiter } from './waiters.js';

/** What an answer carries at most: so many changes, or the change with which it reaches so many bytes. */
const PAGE = { changes: 1000, bytes: 1024 * 1024 };
/** What is kept at most of the bytes that changes carry. */
const MOST_BYTES = 16 * 1024 * 1024;
/** How long changes are kept when nobody watches any more: time to come back after a lost connection. */
const REST_MS = 60_000;

export interface Change {
  readonly revision: number;
}

/** What a watch asks for. */
export interface Watching<C> {
  /** The last revision it knows; absent to begin. */
  readonly from: number | undefined;
  readonly timeoutMs: number | undefined;
  /** Nothing more is asked for. */
  readonly end: boolean;
  /** Whether a change concerns it. */
  concerns(change: C): boolean;
}

/** What a watch gets. */
export interface Page<C> {
  changes: C[];
  /** Where to go on from. */
  revision: number;
}

/** The changes of one object: counted always, and kept while someone watches. */
export class History<C extends Change> {
  /** Of the latest change. */
  #revision = firstRevision();
  /** The changes since a revision, where they are kept. */
  #kept: { readonly since: number; readonly changes: Deque<C>; bytes: number } | undefined;
  /** How many changes were dropped from the front of those kept; the last of them. */
  #lostUpTo = 0;
  readonly #waiting = new WaitList<Watching<C>, Page<C>>();
  /** Changes that those who wait have not been told of. */
  #news: C[] = [];
  readonly #watchers = new Map<Caller, Hold>();
  #rest: NodeJS.Timeout | undefined;

  constructor(
    readonly object: string,
    /** The bytes that a change carries. */
    readonly bytesOf: (change: C) => number,
    /** How many changes are kept. */
    readonly most: number,
  ) {}

  get waiters(): number {
    return this.#waiting.size;
  }

  /** Counts a change; answers its revision if it is to be recorded, 0 otherwise: most often nobody watches. */
  next(): number {
    this.#revision++;
    return this.#kept === undefined ? 0 : this.#revision;
  }

  /** Keeps a change of the revision that {@link next} answered. */
  record(change: C): void {
    const kept = this.#kept!;
    kept.changes.push(change);
    kept.bytes += this.bytesOf(change);
    while (kept.changes.length > this.most || (kept.bytes > MOST_BYTES && kept.changes.length > 1)) {
      const dropped = kept.changes.shift()!;
      kept.bytes -= this.bytesOf(dropped);
      this.#lostUpTo = dropped.revision;
    }
    if (this.#waiting.size === 0) return;
    // All changes of a turn are told together.
    if (this.#news.push(change) === 1) queueMicrotask(() => this.#tell());
  }

  watch(watching: Watching<C>, context: CallContext): Page<C> | Promise<Page<C>> {
    const { from, end, timeoutMs } = watching;
    if (end) {
      this.#leave(context.session);
      return { changes: [], revision: this.#revision };
    }
    this.#enter(context.session);
    if (from === undefined) return { changes: [], revision: this.#revision };
    const page = this.#since(from, watching);
    if (page.changes.length > 0 || page.revision < this.#revision || timeoutMs === 0) return page;
    return this.#waiting.wait(context, watching, timeoutMs);
  }

  /** The object is gone, which is its last change. */
  destroyed(last: (revision: number) => C): void {
    const change = last(++this.#revision);
    if (this.#kept !== undefined) this.record(change);
    this.#tell();
    this.#stop();
  }

  #since(from: number, watching: Watching<C>): Page<C> {
    const { since, changes } = this.#kept!;
    if (from > this.#revision || from < Math.max(since, this.#lostUpTo)) {
      throw new HistoryLostError(
        `the changes of "${this.object}" since revision ${from} are no longer known: read it anew, and watch from there`,
        { object: this.object },
      );
    }
    let bytes = 0;
    const found: C[] = [];
    for (let i = indexAfter(changes, from); i < changes.length; i++) {
      const change = changes.at(i);
      if (!watching.concerns(change)) continue;
      if (found.length === PAGE.changes || bytes >= PAGE.bytes) return { changes: found, revision: found.at(-1)!.revision };
      found.push(change);
      bytes += this.bytesOf(change);
    }
    return { changes: found, revision: this.#revision };
  }

  #tell(): void {
    const news = this.#news;
    this.#news = [];
    if (news.length === 0) return;
    let next: Waiter<Watching<C>, Page<C>> | undefined;
    for (let waiter = this.#waiting.first; waiter !== undefined; waiter = next) {
      next = waiter.next;
      const { want } = waiter;
      if (!news.some((change) => want.concerns(change))) continue;
      try {
        // Those who wait know all that was before the news.
        waiter.succeed(this.#since(news[0]!.revision - 1, want));
      } catch (error) {
        waiter.fail(error as Error);
      }
    }
  }

  #enter(session: Caller): void {
    this.#kept ??= { since: this.#revision, changes: new Deque(), bytes: 0 };
    clearTimeout(this.#rest);
    if (session.id === '') return this.#restSoon();
    if (this.#watchers.has(session)) return;
    const hold: Hold = { abandon: () => this.#leave(session) };
    this.#watchers.set(session, hold);
    session.holds.add(hold);
  }

  #leave(session: Caller): void {
    const hold = this.#watchers.get(session);
    if (hold === undefined) return;
    this.#watchers.delete(session);
    session.holds.delete(hold);
    this.#restSoon();
  }

  #restSoon(): void {
    if (this.#watchers.size > 0) return;
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => this.#stop(), REST_MS);
  }

  #stop(): void {
    clearTimeout(this.#rest);
    this.#kept = undefined;
    for (const [session, hold] of this.#watchers) session.holds.delete(hold);
    this.#watchers.clear();
  }
}

/** Index of the first change after a revision. */
function indexAfter<C extends Change>(changes: Deque<C>, revision: number): number {
  let low = 0;
  let high = changes.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (changes.at(middle).revision > revision) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** A revision as a caller gave it. */
export function checkedRevision(from: number | undefined): number | undefined {
  if (from === undefined || Number.isSafeInteger(from)) return from;
  throw new InvalidArgumentError(`${from} is no revision: give the one that came with the last change`);
}
