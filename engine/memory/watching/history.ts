import type { CallContext, Caller, SessionResource } from '../../../proto/contract.js';
import { HistoryLostError, TimeoutError } from '../../../proto/errors.js';
import { ChangeLog, LogLimits, type Change } from './change-log.js';
import { Revisions } from './revisions.js';
import { WaitList, type Waiter } from '../locking/waiters.js';

/** How long changes are kept for someone who watches no more: time to come back after a lost connection. */
const REST_MS = 60_000;

/** What a watch asks for. */
export interface Watching<C> {
  /** Which of its session's watches it is. */
  readonly watch: number;
  /** The last revision it knows; absent to begin. */
  readonly from: number | undefined;
  readonly timeoutMs: number | undefined;
  /** Whether a change concerns it. */
  concerns(this: void, change: C): boolean;
}

/** What a watch gets. */
export interface ChangePage<C> {
  changes: C[];
  /** Where to go on from. */
  revision: number;
}

/** A session that watches. */
interface Watcher extends SessionResource {
  /** Which of its watches are not at their end. */
  readonly watches: Set<number>;
}

/** The history of an object that is gone. */
type EndedHistory = Pick<History<Change>, 'kind' | 'object' | 'close'>;

/** What the histories of a keyspace share. */
export class Histories {
  readonly revisions = new Revisions();
  readonly limits: LogLimits;
  /** Of objects that are gone, for those who have not heard all: by kind and name, of each name the latest. */
  readonly #departed = new Map<string, EndedHistory>();

  constructor(
    /** How many changes of an object are kept. */
    most: number,
    maxMessageBytes: number,
  ) {
    this.limits = new LogLimits(most, maxMessageBytes);
  }

  /** The history of an object that is gone. */
  departed<C extends Change>(kind: string, name: string): History<C> | undefined {
    return this.#departed.get(`${kind} ${name}`) as History<C> | undefined;
  }

  /** @internal Called by the history itself. */
  retain(history: EndedHistory): void {
    this.departed(history.kind, history.object)?.close();
    this.#departed.set(`${history.kind} ${history.object}`, history);
  }

  /** @internal Called by the history itself. */
  forget({ kind, object }: EndedHistory): void {
    this.#departed.delete(`${kind} ${object}`);
  }

  /** Forgets what is kept of objects that are gone. */
  close(): void {
    for (const history of this.#departed.values()) history.close();
  }
}

/** The changes of one object: counted always, and kept while someone watches. */
export class History<C extends Change> {
  readonly #first: number;
  /** Of the latest change. */
  #revision: number;
  #log: ChangeLog<C> | undefined;
  readonly #waiting = new WaitList<Watching<C>, ChangePage<C>>();
  /** Changes that those who wait have not been told of. */
  #news: C[] = [];
  readonly #watchers = new Map<Caller, Watcher>();
  /** Whether someone who watches no more may come back; until the timer says no. */
  #awaited = false;
  #rest: NodeJS.Timeout | undefined;
  /** The object is gone. */
  #over = false;

  constructor(
    readonly kind: string,
    readonly object: string,
    /** The bytes that a change carries. */
    readonly bytesOf: (change: C) => number,
    readonly histories: Histories,
  ) {
    this.#first = this.#revision = histories.revisions.next();
  }

  get waiters(): number {
    return this.#waiting.size;
  }

  /** Watches of sessions that are not at their end, also between two calls. */
  get watches(): number {
    let watches = 0;
    for (const watcher of this.#watchers.values()) watches += watcher.watches.size;
    return watches;
  }

  /** Counts a change; answers its revision if it is to be recorded, 0 otherwise: most often nobody watches. */
  next(): number {
    this.#revision = this.histories.revisions.next();
    return this.#log === undefined ? 0 : this.#revision;
  }

  /** Keeps a change of the revision that {@link next} answered. */
  record(change: C): void {
    this.#log!.add(change);
    if (this.#waiting.size === 0) return;
    // All changes of a turn are told together.
    if (this.#news.push(change) === 1) queueMicrotask(() => this.#tell());
  }

  /** What happened since a revision, waiting where nothing did; without one, where to begin. */
  watch(watching: Watching<C>, context: CallContext): ChangePage<C> | Promise<ChangePage<C>> {
    const { session } = context;
    this.#enter(session, watching.watch);
    try {
      if (watching.from === undefined) return this.#nothing();
      const page = this.#since(watching.from, watching, session);
      if (page.changes.length > 0 || watching.timeoutMs === 0) return page;
    } finally {
      this.#answered(session);
    }
    return this.#wait(watching, context);
  }

  /** A session gives one of its watches up. */
  leave(session: Caller, watch: number): void {
    this.#finish(session, watch);
    this.#answered(session);
    if (this.#over) this.#closeIfUnwatched();
  }

  /** The object is gone, which is its last change. */
  destroyed(last: (revision: number) => C): void {
    const revision = this.next();
    if (revision === 0) return;
    this.#over = true;
    this.record(last(revision));
    this.#tell();
    this.histories.retain(this);
    this.#restAgain();
    this.#closeIfUnwatched();
  }

  /** Whether the object is gone, and what happened to it since a revision is still to be told. */
  continues(revision: number): boolean {
    return this.#over && revision >= this.#first && revision < this.#revision;
  }

  /** Keeps nothing any more. */
  close(): void {
    clearTimeout(this.#rest);
    this.#log = undefined;
    for (const [session, watcher] of this.#watchers) session.holds.delete(watcher);
    this.#watchers.clear();
    if (this.#over) this.histories.forget(this);
  }

  #nothing(): ChangePage<C> {
    return { changes: [], revision: this.#revision };
  }

  async #wait(watching: Watching<C>, context: CallContext): Promise<ChangePage<C>> {
    try {
      return await this.#waiting.wait(context, watching, watching.timeoutMs);
    } catch (error) {
      if (error instanceof TimeoutError) return this.#nothing();
      throw error;
    } finally {
      this.#answered(context.session);
    }
  }

  /** A page of what concerns a watch of what happened since a revision. */
  #since(from: number, { watch, concerns }: Watching<C>, session: Caller): ChangePage<C> {
    const log = this.#log!;
    if (from > this.#revision || from < log.complete) {
      throw new HistoryLostError(
        `the changes of "${this.object}" since revision ${from} are no longer known: read it anew, and watch from there`,
        { object: this.object },
      );
    }
    const { changes, all } = log.since(from, concerns);
    if (!all) return { changes, revision: changes.at(-1)!.revision };
    if (this.#over) {
      this.#finish(session, watch);
      this.#closeIfUnwatched();
    }
    return { changes, revision: this.#revision };
  }

  #tell(): void {
    const news = this.#news;
    this.#news = [];
    const log = this.#log;
    if (news.length === 0 || log === undefined) return;
    // Those who wait know all that was before the news.
    const known = news[0]!.revision - 1;
    let next: Waiter<Watching<C>, ChangePage<C>> | undefined;
    for (let waiter = this.#waiting.first; waiter !== undefined; waiter = next) {
      next = waiter.next;
      const { want, context } = waiter;
      const from = want.from!;
      try {
        if (news.some(want.concerns)) waiter.succeed(this.#since(Math.max(from, known), want, context.session));
        // What it knows is getting old: were it cut off before the next news, it could not go on.
        else if (from < log.aging) waiter.succeed(this.#nothing());
      } catch (error) {
        waiter.fail(error as Error);
      }
    }
  }

  /** Someone watches. A unary call belongs to no session: it is a watch while it waits. */
  #enter(session: Caller, watch: number): void {
    this.#log ??= new ChangeLog(this.#revision, this.bytesOf, this.histories.limits);
    if (session.id === '') return;
    let watcher = this.#watchers.get(session);
    if (watcher === undefined) {
      watcher = { watches: new Set(), abandon: () => this.#abandon(session) };
      this.#watchers.set(session, watcher);
      session.holds.add(watcher);
    }
    watcher.watches.add(watch);
  }

  /** A call of a session has its answer. If that is no watcher, it may come again; what is gone tells it all that is left. */
  #answered(session: Caller): void {
    if (!this.#over && !this.#watchers.has(session)) this.#await();
  }

  #finish(session: Caller, watch: number): void {
    const watcher = this.#watchers.get(session);
    if (watcher?.watches.delete(watch) !== true || watcher.watches.size > 0) return;
    this.#watchers.delete(session);
    session.holds.delete(watcher);
  }

  #abandon(session: Caller): void {
    this.#watchers.delete(session);
    this.#await();
  }

  /** Someone who watches no more may come back. */
  #await(): void {
    if (this.#log === undefined) return;
    this.#awaited = true;
    this.#restAgain();
  }

  #restAgain(): void {
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => {
      this.#awaited = false;
      // What is gone is not kept for those who do not ask.
      if (this.#over) this.close();
      else this.#closeIfUnwatched();
    }, REST_MS);
  }

  #closeIfUnwatched(): void {
    if (this.#watchers.size === 0 && this.#waiting.size === 0 && !this.#awaited) this.close();
  }
}
