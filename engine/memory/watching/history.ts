import type { EngineLimits } from '../../core/limits.js';
import type { CallContext, Caller, SessionResource } from '../../../proto/contract.js';
import { HistoryLostError, TimeoutError } from '../../../proto/errors.js';
import type { State, Stateful, StateOf } from '../../../proto/state.js';
import type { Future } from '../../core/future.js';
import { ChangeLog, type Change } from './change-log.js';
import { WaitList, type Waiter } from '../locking/waiters.js';
import { timerState, type Clock, type ClockTimer } from '../../core/clock.js';
import type { Restoring } from '../../core/restoring.js';
import { byCaller, sortedPairs } from '../../core/state.js';
import { bytesOfObject, type Use } from '../../core/use.js';
import { GrowingNumbers } from '../../core/growing-numbers.js';
import { LostRevisions } from './lost-revisions.js';

/** Time for which changes are kept after the last watch, in milliseconds, so that a client can come back after a lost connection. */
const GRACE_MS = 60_000;

/** A watch call. */
export interface Watching<C> {
  /** Number of the watch in its session. */
  readonly watch: number;
  /** The last revision that the client knows; undefined to begin. */
  readonly from: number | undefined;
  readonly timeoutMs: number | undefined;
  /** True if the watch goes on with the next object of the name. */
  readonly follow: boolean;
  /** Returns true if the watch wants the change. */
  concerns(this: void, change: C): boolean;
  /** The choice of `concerns` as data. */
  readonly chosen: State;
}

/** The result of a watch call. */
export interface ChangePage<C> {
  changes: C[];
  /** The revision to continue from. */
  revision: number;
}

/** A session that watches. */
interface Watcher extends SessionResource {
  /** Numbers of its watches that have not ended. */
  readonly watches: Set<number>;
  /** The ones of them that follow the name. */
  readonly following: Set<number>;
}

/** The history of an object that has ended. */
type EndedHistory = Pick<History<never>, 'kind' | 'object' | 'waiters' | 'watches' | 'close' | 'state'>;

/** Makes an empty history of an object. */
export type MakeHistory = (kind: string, object: string) => History<Change>;

/** State that the histories of a keyspace share. */
export class Histories implements Stateful {
  readonly revisions: GrowingNumbers;
  readonly lost = new LostRevisions();
  /** Histories of ended objects for watchers that have not received everything, by kind and name. One per name, the latest. */
  readonly #ended = new Map<string, EndedHistory>();

  constructor(
    clock: Clock,
    readonly limits: Readonly<EngineLimits>,
    /** Counts the kept changes. */
    readonly use: Use,
  ) {
    this.revisions = new GrowingNumbers(clock);
  }

  state() {
    const ended = Array.from(this.#ended, ([name, history]): [string, StateOf<EndedHistory>] => [name, history.state()]);
    return { revision: this.revisions.state(), lost: this.lost.state(), ended: sortedPairs(ended) };
  }

  /** Restores the histories of ended objects, and the last revision once all calls wait again. */
  restore({ revision, lost, ended }: StateOf<Histories>, restoring: Restoring, make: MakeHistory): void {
    this.lost.restore(lost);
    for (const [name, state] of ended) {
      const space = name.indexOf(' ');
      const history = make(name.slice(0, space), name.slice(space + 1));
      history.restore(state, restoring);
      this.#keep(history);
    }
    restoring.afterCalls(() => this.revisions.restore(revision));
  }

  /** Gives no revision again that was given before a time, in milliseconds since 1970, and remembers which ones may have been given and lost. */
  pass(wallTime: number): void {
    const before = this.revisions.state();
    this.revisions.pass(wallTime);
    this.lost.add(before, this.revisions.state());
  }

  /** Returns the history of an object that has ended, if it is still kept. */
  ended<C extends Change>(kind: string, name: string): History<C> | undefined {
    return this.#ended.get(`${kind} ${name}`) as History<C> | undefined;
  }

  /** @internal Called by the history itself. */
  retain(history: EndedHistory): void {
    this.ended(history.kind, history.object)?.close();
    this.#keep(history);
  }

  #keep(history: EndedHistory): void {
    this.#ended.set(`${history.kind} ${history.object}`, history);
    this.use.memory += bytesOfObject(history.object);
  }

  /** @internal Called by the history itself. */
  forget(history: EndedHistory): void {
    const name = `${history.kind} ${history.object}`;
    if (this.#ended.get(name) !== history) return;
    this.#ended.delete(name);
    this.use.memory -= bytesOfObject(history.object);
  }

  /** The histories of ended objects. */
  allEnded(): EndedHistory[] {
    return [...this.#ended.values()];
  }

  /** Drops the histories of ended objects. */
  close(): void {
    for (const history of this.#ended.values()) history.close();
  }
}

/**
 * The changes of one object. Always counted, kept only while someone watches. After the end of the object it is kept for the watches that have
 * not been told of it, and for the ones that follow the name, until there is another object.
 */
export class History<C extends Change> implements Stateful {
  #first: number;
  /**
   * The last revision of the object of that name before, if it was followed: a watch that knows it misses nothing. 0 in a history without an
   * object: all that a watch knows of the name is over.
   */
  #after: number | undefined;
  /** The history of that object until the end of the turn in which this one began. */
  #predecessor: History<C> | undefined;
  /** Revision of the latest change. */
  #revision: number;
  #log: ChangeLog<C> | undefined;
  readonly #clock: Clock;
  readonly #waiting: WaitList<Watching<C>, ChangePage<C>>;
  /** Changes that the waiting calls have not received yet. */
  #unreported: C[] = [];
  readonly #watchers = new Map<Caller, Watcher>();
  /** True while a former watcher may come back, until the timer ends. */
  #inGrace = false;
  #grace: ClockTimer | undefined;
  /** True once the object has ended. */
  #over = false;
  /** True once there was another object of the name. */
  #succeeded = false;

  constructor(
    readonly kind: string,
    readonly object: string,
    /** Returns the content size of a change in bytes. */
    readonly bytesOf: (change: C) => number,
    readonly histories: Histories,
  ) {
    this.#clock = histories.revisions.clock;
    this.#waiting = new WaitList(this.#clock);
    this.#first = this.#revision = histories.revisions.next();
    const before = histories.ended<C>(kind, object);
    if (before?.isFollowed === true) this.#succeed(before);
  }

  get waiters(): number {
    return this.#waiting.size;
  }

  /** Number of watches of sessions that have not ended, including those between two calls. */
  get watches(): number {
    let watches = 0;
    for (const watcher of this.#watchers.values()) watches += watcher.watches.size;
    return watches;
  }

  state() {
    return {
      first: this.#first,
      after: this.#after,
      revision: this.#revision,
      log: this.#log?.state(),
      waiting: this.#waiting.state(({ watch, from, follow, chosen }) => ({ watch, from, follow, chosen })),
      watchers: byCaller(this.#watchers, ({ watches, following }) => ({ watches: sorted(watches), following: sorted(following) })),
      inGrace: this.#inGrace,
      grace: timerState(this.#grace),
      over: this.#over,
      succeeded: this.#succeeded,
    };
  }

  restore(state: StateOf<History<C>>, restoring: Restoring): void {
    this.#first = state.first;
    this.#after = state.after;
    this.#revision = state.revision;
    if (state.log !== undefined) this.#keepChanges().restore(state.log);
    this.#waiting.restore(state.waiting, restoring);
    for (const [id, { watches, following }] of state.watchers) {
      const watcher = this.#watcherOf(restoring.caller(id));
      for (const watch of watches) watcher.watches.add(watch);
      for (const watch of following) watcher.following.add(watch);
    }
    this.#inGrace = state.inGrace;
    this.#grace = restoring.timer(state.grace, () => this.#graceOver());
    this.#over = state.over;
    this.#succeeded = state.succeeded;
  }

  /** True if watches wait for the next object of the name, or may come back to. */
  get isFollowed(): boolean {
    if (!this.#over || this.#succeeded) return false;
    return this.#inGrace || this.#waiting.size > 0 || [...this.#watchers.values()].some(({ following }) => following.size > 0);
  }

  /** Counts a change. Returns its revision if it must be recorded, otherwise 0, as in the common case without watches. */
  next(): number {
    this.#revision = this.histories.revisions.next();
    return this.#log === undefined ? 0 : this.#revision;
  }

  /** Keeps a change with the revision that {@link next} returned. */
  record(change: C): void {
    this.#log!.add(change);
    if (this.#waiting.size === 0) return;
    // All changes of a turn are reported together.
    if (this.#unreported.push(change) === 1) this.#clock.defer(() => this.#report());
  }

  /** Returns the changes since a revision, or waits for some. Without a revision, returns the one to begin from. */
  watch(watching: Watching<C>, context: CallContext): ChangePage<C> | Future<ChangePage<C>> {
    const { session } = context;
    // Everything that this call has told already is in the state that it is restored from.
    if (this.#waiting.placeOf(context) !== undefined) return this.#wait(watching, context);
    this.#enter(session, watching);
    try {
      if (watching.from === undefined) return this.#nothing();
      const page = this.#since(watching.from, watching, session);
      if (page.changes.length > 0 || watching.timeoutMs === 0) return page;
    } finally {
      this.#answered(session, watching);
    }
    return this.#wait(watching, context);
  }

  /** Ends a watch of a session. */
  leave(session: Caller, watch: number): void {
    this.#finish(session, watch);
    this.#answered(session);
    if (this.#over) this.#closeIfUnwatched();
  }

  /** Records the end of the object as its last change. */
  destroyed(last: (revision: number) => C): void {
    if (this.#predecessor !== undefined) {
      // An object that a batch made and undid was never there.
      if (this.#revision === this.#first && this.#watchers.size === 0) return this.close();
      this.#takeOver();
    }
    const revision = this.next();
    if (revision === 0) return;
    this.#over = true;
    this.record(last(revision));
    this.#report();
    this.histories.retain(this);
    this.#restartGrace();
    this.#closeIfUnwatched();
  }

  /** Returns true if the object has ended and there are changes since the revision to report. */
  continues(revision: number): boolean {
    return this.#over && revision >= (this.#after ?? this.#first) && revision < this.#revision;
  }

  /**
   * Makes this the history of a name without an object, whose end is its only change: for watches that follow the name, and know an object that
   * this manager does not know.
   */
  absent(last: (revision: number) => C): this {
    this.histories.use.demandForRead(bytesOfObject(this.object));
    this.#after = 0;
    this.#keepChanges();
    this.#inGrace = true;
    this.destroyed(last);
    return this;
  }

  /** Begins after another object of the name. The watches that follow it are taken over at the end of the turn, if this object is still there. */
  #succeed(before: History<C>): void {
    this.#predecessor = before;
    this.#after = before.#revision;
    this.#keepChanges();
    this.#clock.defer(() => this.#takeOver());
  }

  #takeOver(): void {
    const before = this.#predecessor;
    if (before === undefined) return;
    this.#predecessor = undefined;
    before.#succeeded = true;
    for (const [session, { following }] of before.#watchers) {
      for (const watch of following) this.#enter(session, { watch, follow: true });
    }
    for (let waiter = before.#waiting.first; waiter !== undefined; waiter = before.#waiting.first) {
      const { want, context } = waiter;
      try {
        waiter.succeed(this.watch({ ...want, from: this.#after, timeoutMs: 0 }, context) as ChangePage<C>);
      } catch (error) {
        waiter.fail(error as Error);
      }
    }
    if (before.#inGrace) this.#startGrace();
    before.#restartGrace();
    this.#closeIfUnwatched();
  }

  /** Drops all changes and watchers. */
  close(): void {
    this.#predecessor = undefined;
    this.#grace?.stop();
    this.#log?.end();
    this.#log = undefined;
    for (const [session, watcher] of this.#watchers) session.holds.delete(watcher);
    this.#watchers.clear();
    if (this.#over) this.histories.forget(this);
  }

  #nothing(): ChangePage<C> {
    return { changes: [], revision: this.#revision };
  }

  #wait(watching: Watching<C>, context: CallContext): Future<ChangePage<C>> {
    return this.#waiting.wait(context, watching, watching.timeoutMs).then(
      (page) => {
        this.#answered(context.session, watching);
        return page;
      },
      (error) => {
        this.#answered(context.session, watching);
        if (error instanceof TimeoutError) return this.#nothing();
        throw error;
      },
    );
  }

  /** Returns a page of the changes since a revision that a watch wants. */
  #since(revision: number, { watch, concerns, follow }: Watching<C>, session: Caller): ChangePage<C> {
    const log = this.#log!;
    const from = this.#after !== undefined && revision >= this.#after ? Math.max(revision, this.#first) : revision;
    const isLost = this.#after !== 0 && this.histories.lost.has(revision);
    if (isLost || from > this.#revision || from < log.complete) {
      throw new HistoryLostError(
        `the changes of "${this.object}" since revision ${revision} are no longer known: read it again, and watch from there`,
        { object: this.object },
      );
    }
    const { changes, all } = log.since(from, concerns);
    if (!all) return { changes, revision: changes.at(-1)!.revision };
    if (this.#over && (!follow || this.#succeeded)) {
      this.#finish(session, watch);
      this.#closeIfUnwatched();
    }
    return { changes, revision: this.#revision };
  }

  #report(): void {
    const changes = this.#unreported;
    this.#unreported = [];
    const log = this.#log;
    if (changes.length === 0 || log === undefined) return;
    // Waiting calls know everything before the first unreported change.
    const known = changes[0]!.revision - 1;
    let next: Waiter<Watching<C>, ChangePage<C>> | undefined;
    for (let waiter = this.#waiting.first; waiter !== undefined; waiter = next) {
      next = waiter.next;
      const { want, context } = waiter;
      const from = want.from!;
      try {
        if (changes.some(want.concerns)) waiter.succeed(this.#since(Math.max(from, known), want, context.session));
        // The revision of this call is about to drop out of the log. A response without changes gives it a newer one to continue from.
        else if (from < log.aging) waiter.succeed(this.#nothing());
      } catch (error) {
        waiter.fail(error as Error);
      }
    }
  }

  /** Registers a watch. A unary call has no session, so it watches only while it waits. */
  #enter(session: Caller, { watch, follow }: Pick<Watching<C>, 'watch' | 'follow'>): void {
    this.#keepChanges();
    if (session.id === '') return;
    const { watches, following } = this.#watcherOf(session);
    watches.add(watch);
    if (follow) following.add(watch);
  }

  #keepChanges(): ChangeLog<C> {
    return (this.#log ??= new ChangeLog(this.#revision, this.bytesOf, this.histories.limits, this.histories.use));
  }

  #watcherOf(session: Caller): Watcher {
    let watcher = this.#watchers.get(session);
    if (watcher === undefined) {
      watcher = {
        watches: new Set(),
        following: new Set(),
        abandon: () => this.#abandon(session),
        identity: () => ['watch', this.kind, this.object, this.#first],
      };
      this.#watchers.set(session, watcher);
      session.holds.add(watcher);
    }
    return watcher;
  }

  /**
   * Called when a watch call was answered. If the session has no watch left, keeps the changes for `GRACE_MS` in case it comes back. The
   * last answer about an ended object reports everything, so nothing is kept for it, unless the next object may follow.
   */
  #answered(session: Caller, watching?: Watching<C>): void {
    if (this.#over && watching?.follow !== true) return;
    if (!this.#watchers.has(session)) this.#startGrace();
  }

  #finish(session: Caller, watch: number): void {
    const watcher = this.#watchers.get(session);
    watcher?.following.delete(watch);
    if (watcher?.watches.delete(watch) !== true || watcher.watches.size > 0) return;
    this.#watchers.delete(session);
    session.holds.delete(watcher);
  }

  #abandon(session: Caller): void {
    this.#watchers.delete(session);
    this.#startGrace();
  }

  /** Keeps the changes for `GRACE_MS`, in case a former watcher comes back. */
  #startGrace(): void {
    if (this.#log === undefined) return;
    this.#inGrace = true;
    this.#restartGrace();
  }

  #restartGrace(): void {
    this.#grace?.stop();
    this.#grace = this.#clock.after(GRACE_MS, () => this.#graceOver());
  }

  #graceOver(): void {
    this.#inGrace = false;
    // An ended object has no more changes to wait for, so a watcher that has not asked by now is not waited for.
    if (this.#over) this.#dropOthers();
    this.#closeIfUnwatched();
  }

  /** Drops the watchers that do not wait for another object. */
  #dropOthers(): void {
    for (const [session, watcher] of this.#watchers) {
      if (!this.#succeeded && watcher.following.size > 0) continue;
      this.#watchers.delete(session);
      session.holds.delete(watcher);
    }
  }

  #closeIfUnwatched(): void {
    if (this.#watchers.size === 0 && this.#waiting.size === 0 && !this.#inGrace) this.close();
  }
}

function sorted(numbers: Iterable<number>): number[] {
  return [...numbers].sort((a, b) => a - b);
}
