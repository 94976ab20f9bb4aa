import { drawing } from '../support/random.js';
import type { Life } from './lives.js';
import { drawCrashPlan, FAILPOINTS } from './plan.js';
import { runCrashWorld, type CrashOutcome } from './run.js';

/** Kills in one world: it begins with an empty directory. */
const KILLS_OF_A_WORLD = 25;
/** Kills after which each failpoint has been passed. */
const ALL_PASSED = 200;

/** A campaign that failed. */
export interface CrashFailure {
  /** The directory of the world that failed, if one did. */
  readonly directory: string | undefined;
  readonly report: string;
}

/** Worlds with a number of kills in all. */
export class Campaign {
  readonly #lives: Life[] = [];
  readonly #losses: number[] = [];
  #worlds = 0;
  #calls = 0;
  #guests = 0;
  #resumptions = 0;
  #undecided = 0;

  constructor(
    readonly seed: number,
    readonly kills: number,
    /** True if times are checked too: the age of lost items, and that failpoints are passed while their lives last. */
    private readonly timed: boolean,
  ) {}

  /** Runs the worlds, until one fails. @param print called after each, with the figures so far */
  async run(print: (line: string) => void): Promise<CrashFailure | undefined> {
    for (let left = this.kills; left > 0; left -= KILLS_OF_A_WORLD) {
      const seed = this.seed + this.#worlds;
      const kills = Math.min(left, KILLS_OF_A_WORLD);
      const outcome = await runCrashWorld(drawCrashPlan(seed, kills, drawing(seed)), this.timed, (life) => this.#lives.push(life));
      this.#count(outcome);
      if (outcome.violations.length > 0)
        return { directory: outcome.directory, report: reportOf(outcome, `make crash SEED=${seed} KILLS=${kills}`) };
      print(this.#line());
    }
    return this.#missed();
  }

  #count({ calls, resumptions, undecided, losses, guests }: CrashOutcome): void {
    this.#losses.push(...losses);
    this.#worlds++;
    this.#calls += calls;
    this.#guests += guests;
    this.#resumptions += resumptions;
    this.#undecided += undecided;
  }

  /** A campaign of some length has passed each failpoint. */
  #missed(): CrashFailure | undefined {
    const missed = FAILPOINTS.filter((name) => this.#ended(name) === 0);
    if (missed.length === 0 || !this.timed || this.kills < ALL_PASSED) return undefined;
    return { directory: undefined, report: `no daemon was killed at ${missed.join(', ')}` };
  }

  #ended(how: string): number {
    return this.#lives.filter(({ ended }) => ended === how).length;
  }

  #line(): string {
    const starts = this.#lives.flatMap(({ startMs }) => startMs ?? []);
    const mean = Math.round(starts.reduce((sum, ms) => sum + ms, 0) / Math.max(1, starts.length));
    return `${this.#worlds} worlds, ${this.#lives.length} kills, ${this.#calls} calls, ${this.#resumptions} resumptions, starts of ${mean} ms, ${this.#undecided} histories undecided`;
  }

  /** Describes what happened so far. Of a world that has not ended, only the kills count. */
  figures(): string {
    const counts = [...FAILPOINTS, 'from outside', 'while starting'].map((how) => `  ${how}: ${this.#ended(how)}`);
    const torn = this.#lives.filter(({ torn }) => torn > 0).length;
    const losses = `  with the loss of answered items in async: ${this.#losses.length}, ${Math.round(Math.max(0, ...this.#losses))} ms old at most`;
    const guests = `  of clients: ${this.#guests}`;
    return [this.#line(), ...counts, guests, `  with torn writes: ${torn}`, losses].join('\n');
  }
}

/** Describes a failure for a person. @param again the command that runs the world alone */
export function reportOf({ plan, violations, lives, directory }: CrashOutcome, again: string): string {
  const { kills: _, ...rest } = plan;
  return [
    `The world of seed ${plan.seed} fails: ${again}`,
    JSON.stringify(rest),
    ...lives.map((life, index) => `life ${index}: ${JSON.stringify(life)}`),
    `Its directory is kept, with all calls in ${directory}/calls.txt: npx commonhold doctor ${directory}/data`,
    ...violations,
  ].join('\n');
}
