import type { Stateful, StateOf } from '../../../proto/state.js';
import { timerState, type Clock, type ClockTimer } from '../../core/clock.js';
import type { Restoring } from '../../core/restoring.js';
import { Deque } from '../collections/deque.js';
import type { Rate } from './queue-settings.js';

/** Items that were handed out at one time. */
interface HandedOut {
  readonly at: number;
  count: number;
}

/** Limit of the times that a period is divided into, so that the record of a long one stays short. */
const MOST_TIMES = 1000;

/** Counts the items that a queue hands out: at most `max` in any period, wherever it begins. */
export class RateLimit implements Stateful {
  /** The items handed out within the last period, the oldest first. */
  readonly #recent = new Deque<HandedOut>();
  #count = 0;
  /** Runs while nothing is left. */
  #timer: ClockTimer | undefined;

  constructor(
    readonly rate: Rate,
    private readonly clock: Clock,
    /** Called when something is left again. */
    private readonly opened: () => void,
  ) {}

  /** Returns the number of items that may be handed out now. */
  left(): number {
    this.#forget();
    return this.rate.max - this.#count;
  }

  /** The numbers handed out and their times, alternately, and the number of the timer. */
  state() {
    // A restored limit has dropped them too, because calls that wait ask for the number left.
    this.#forget();
    return { recent: this.#recent.slice(0, this.#recent.length).flatMap(({ at, count }) => [at, count]), timer: timerState(this.#timer) };
  }

  restore({ recent, timer }: StateOf<RateLimit>, restoring: Restoring): void {
    for (let i = 0; i < recent.length; i += 2) this.#add(recent[i]!, recent[i + 1]!);
    this.#timer = restoring.timer(timer, this.opened);
  }

  /** Counts items that are handed out. */
  handOut(count: number): void {
    this.#add(this.#countedAt, count);
    if (this.left() === 0) this.#timer = this.clock.at(this.#firstEnd, this.opened);
  }

  stop(): void {
    this.#timer?.stop();
  }

  /** The time for which items count that are handed out now; slightly later in a long period, so that they never count too short. */
  get #countedAt(): number {
    const { now } = this.clock;
    const step = this.rate.perMs / MOST_TIMES;
    return step > 1 ? Math.ceil(now / step) * step : now;
  }

  #add(at: number, count: number): void {
    const last = this.#recent.length > 0 ? this.#recent.at(this.#recent.length - 1) : undefined;
    if (last?.at === at) last.count += count;
    else this.#recent.push({ at, count });
    this.#count += count;
  }

  /** The time at which the oldest of them no longer count. */
  get #firstEnd(): number {
    return this.#recent.at(0).at + this.rate.perMs;
  }

  /** Drops what is longer ago than a period. */
  #forget(): void {
    while (this.#recent.length > 0 && this.#firstEnd <= this.clock.now) this.#count -= this.#recent.shift()!.count;
  }
}
