import { inspect } from 'node:util';
import { ClosedError, InvalidArgumentError, ManagerError, NotFoundError, OptionsConflictError } from '../../proto/errors.js';
import { Timer } from '../../proto/timer.js';
import { quoted } from '../../proto/given.js';
import { AtomicBatch } from '../objects/atomic.js';
import type { SharedDict } from '../objects/dict.js';
import type { Frozen } from '../objects/frozen.js';
import type { ProxyContext } from '../objects/object-proxy.js';
import type { ItemOptions } from '../objects/queue/put-options.js';
import { SharedQueue } from '../objects/queue/queue.js';
import { shown } from '../shown.js';
import type { StoredRule, Ticks } from './ticks.js';

/** Name of the dict that has all schedules of a manager. */
export const SCHEDULES = 'commonhold:schedules';

/** Time after which a tick is tried again that could not be put, in milliseconds. */
const RETRY_MS = 1000;
/** Longest time for which a schedule sleeps, in milliseconds, since the clock of the computer may be set meanwhile. */
const LONGEST_SLEEP_MS = 60_000;

/** A schedule as the manager keeps it. */
export interface StoredSchedule {
  readonly rule: StoredRule;
  readonly queue: string;
  /** Time of the next tick, in milliseconds since 1970; null once it was cancelled, or its rule has no further one. */
  readonly next: number | null;
}

/** The parts of a schedule. */
export interface SchedulePlan<V> {
  readonly name: string;
  readonly ticks: Ticks;
  readonly queue: SharedQueue<V>;
  readonly value: V | Frozen<V> | ((tick: Date) => V | Frozen<V>);
  readonly options: ItemOptions | undefined;
}

/**
 * A schedule that this program runs. All programs with the same schedule look at one entry of a dict of the manager: at each tick, the first
 * one puts the item and moves the entry to the next tick, in one batch; the others find it moved. So a tick is put once, whichever programs run, also
 * after restarts.
 */
export class Schedule implements Disposable {
  readonly #plan: SchedulePlan<unknown>;
  readonly #controller = new AbortController();
  #entry: StoredSchedule;
  #timer: Timer | undefined;
  #keepsAlive = true;

  private constructor(
    private readonly context: ProxyContext,
    private readonly entries: SharedDict<string, StoredSchedule>,
    plan: SchedulePlan<unknown>,
    entry: StoredSchedule,
  ) {
    this.#plan = plan;
    this.#entry = entry;
    this.#sleep();
  }

  /** @internal Enters a schedule in the dict, or finds it there, and begins to run it. */
  static async begin<V>(context: ProxyContext, entries: SharedDict<string, StoredSchedule>, plan: SchedulePlan<V>): Promise<Schedule> {
    const { ticks, queue, value } = plan;
    if (!(queue instanceof SharedQueue)) throw new InvalidArgumentError('a schedule puts its items into a queue: give one of this manager');
    const now = Date.now();
    if (typeof value !== 'function') queue.encode(value);
    const fresh = { rule: ticks.rule, queue: queue.nameFor(context), next: ticks.after(now, now) ?? null };
    if (fresh.next === null) throw new InvalidArgumentError(`the schedule ${quoted(plan.name)} has no tick: its time is over`);
    const entry = await entries.update(plan.name, (known) => {
      if (known === undefined || known.next === null) return fresh;
      return isOf(known, fresh) ? known : fresh;
    });
    return new Schedule(context, entries, plan, entry!);
  }

  /** Name of the schedule. */
  get name(): string {
    return this.#plan.name;
  }

  /** Time of the next tick, as far as this program knows; undefined if there is none. */
  get next(): Date | undefined {
    return this.#entry.next === null ? undefined : new Date(this.#entry.next);
  }

  /**
   * Aborts when this program runs the schedule no longer, with the reason: ClosedError after {@link stop} and when the manager is closed,
   * NotFoundError when it was cancelled or has no further tick, OptionsConflictError when another program gave it another rule or queue, and the error of the
   * manager that no later try can mend, such as QueueShutDownError.
   */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Lets the program end although the schedule goes on. By default it keeps the program running, as a timer does. */
  unref(): this {
    this.#keepsAlive = false;
    this.#timer?.unref();
    return this;
  }

  /** Stops running the schedule in this program. Others go on; without any, the next program that runs it puts one tick for all missed. */
  stop(): void {
    this.#end(new ClosedError(`the schedule ${quoted(this.name)} was stopped by its program`));
  }

  /** Ends the schedule for all programs that run it, until one begins it again. One round trip. */
  async cancel(): Promise<void> {
    this.stop();
    const cancelled = { ...this.#entry, next: null };
    await this.entries.update(this.name, (known) => (known !== undefined && isOf(known, cancelled) ? cancelled : known));
  }

  /** As {@link stop}. */
  [Symbol.dispose](): void {
    this.stop();
  }

  /** Returns the state in one line, as `console.log` shows it. */
  toString(): string {
    return this[inspect.custom]();
  }

  /** @internal */
  [inspect.custom](): string {
    return shown(this, `${quoted(this.name)}, next ${this.next?.toISOString() ?? 'never'}`);
  }

  /** Sleeps until the next tick. */
  #sleep(): void {
    const { next } = this.#entry;
    if (next === null) this.#end(new NotFoundError(`the schedule ${quoted(this.name)} was cancelled, or has no further tick`));
    else this.#sleepFor(next - Date.now());
  }

  #sleepFor(ms: number): void {
    if (this.signal.aborted) return;
    this.#timer = new Timer(Math.min(Math.max(0, ms), LONGEST_SLEEP_MS), () => void this.#wake());
    if (!this.#keepsAlive) this.#timer.unref();
  }

  async #wake(): Promise<void> {
    const { next } = this.#entry;
    try {
      if (next !== null && next <= Date.now()) await this.#tick(next);
      this.#sleep();
    } catch (error) {
      if (error instanceof ManagerError && error.retryable) this.#sleepFor(RETRY_MS);
      else this.#end(error as Error);
    }
  }

  /** Puts the item of a tick, unless another program has done so. */
  async #tick(tick: number): Promise<void> {
    const { name, ticks, queue, value, options } = this.#plan;
    const item: unknown = typeof value === 'function' ? (value as (tick: Date) => unknown)(new Date(tick)) : value;
    const moved = { ...this.#entry, next: ticks.after(Date.now(), tick) ?? null };
    const batch = new AtomicBatch(this.context).check(this.entries, name, this.#entry);
    const { ok } = await batch.set(this.entries, name, moved).put(queue, item, options).commit();
    this.#entry = ok ? moved : await this.#found();
  }

  /** Returns the entry that another program has changed. A manager that was started again without its data has none. */
  async #found(): Promise<StoredSchedule> {
    const mine = this.#entry;
    const entry = await this.entries.getOrInsert(this.name, mine);
    if (!isOf(entry, mine)) throw new OptionsConflictError(`another program gave the schedule ${quoted(this.name)} another rule or queue`);
    return entry;
  }

  #end(reason: Error): void {
    this.#timer?.stop();
    if (!this.signal.aborted) this.#controller.abort(reason);
  }
}

/** Returns true if an entry has the rule and the queue of another. */
function isOf({ rule, queue }: StoredSchedule, other: StoredSchedule): boolean {
  const { every, cron, timezone } = other.rule;
  return queue === other.queue && rule.every === every && rule.cron === cron && rule.timezone === timezone;
}
