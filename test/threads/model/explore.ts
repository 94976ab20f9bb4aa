import { drawing, type Draw } from '../../support/random.js';
import { stress } from '../../support/stress.js';
import type { Choice, Schedule, State, Turn } from './machine.js';
import { World, type Code, type Outcome, type Scenario } from './world.js';

/** Number of runs, and the first failure. */
export interface Report {
  readonly runs: number;
  readonly failure?: string;
}

/** Number of schedules of each type to try; all of them if there are fewer. */
export interface Extent {
  /** With one death, at a change of the memory. */
  readonly deaths: number;
  /** With one switch, at an access of the memory. */
  readonly switches: number;
  /** With one death, and that of the thread that clears it away, each at a change of the memory. */
  readonly reapers: number;
  /** With several switches and deaths, chosen at random. */
  readonly drawn: number;
}

/** Most runs by operations to find the expected ends of a scenario. */
const MOST_WHOLE_RUNS = stress(1000, 3000);
const DEAD: State = 'dead';
/** Part of the items between two that follow each other when they are scattered. */
const GOLDEN = 0.618;
/** Number of turns in which a dead thread is cleared away. */
const CLEARED_IN = 4;
/** Most switches of a random schedule. */
const MOST_SWITCHES = 3;

/**
 * Runs a scenario by schedules of each type. Each run must end like a sequential one, in which a dead thread did its operations up to any
 * point.
 */
export function explore(code: Code, scenario: Scenario, extent: Extent, seed: number): Report {
  const world = new World(code, scenario);
  const explorer = new Explorer(world, drawing(seed), drawing(~seed));
  try {
    const failure = explorer.explore(extent);
    return failure === undefined
      ? { runs: explorer.runs }
      : { runs: explorer.runs, failure: `${scenario.name}, ${code.kernel}, seed ${seed}: ${failure}` };
  } finally {
    world.close();
  }
}

class Explorer {
  runs = 0;
  /** Ends of sequential runs, by the thread that dies; -1 without a death. */
  readonly #expected = new Map<number, { readonly ends: Set<string>; runs: number }>();

  /** Number of choices in the longest sequential run. */
  #longest = 1;

  constructor(
    private readonly world: World,
    /** Two sources of randomness, for schedules and for sequential runs, so that one does not depend on the other. */
    private readonly draw: Draw,
    private readonly drawWhole: Draw,
  ) {}

  explore(extent: Extent): string | undefined {
    for (const schedule of this.#schedules(extent)) {
      const failure = this.#failure(schedule);
      if (failure !== undefined) return this.#shortened(schedule, failure);
    }
    return undefined;
  }

  *#schedules(extent: Extent): Generator<Schedule> {
    const { threads } = this.world;
    const orders = Array.from({ length: threads }, (_, first): Schedule => ({ first, switches: [], deaths: [] }));
    yield* orders;
    const plain = orders.map((schedule) => this.world.run(schedule));
    const others = (thread: number): number[] => [...Array(threads).keys()].filter((other) => other !== thread);
    const deaths = plain.flatMap(({ cuts }, first) =>
      cuts.flatMap((count, thread) => upTo(count).map((cut): Schedule => ({ ...orders[first]!, deaths: [[thread, cut]] }))),
    );
    const switches = plain.flatMap(({ points }, first) =>
      upTo(points).flatMap((point) => others(first).map((other): Schedule => ({ ...orders[first]!, switches: [[point, other]] }))),
    );
    yield* inTurn(scattered(this.#some(deaths, extent.deaths)), scattered(this.#some(switches, extent.switches)));
    yield* this.#reapers(
      deaths.filter(({ first, deaths: [death] }) => death![0] === first),
      extent.reapers,
    );
    for (let i = 0; i < extent.drawn; i++) yield this.#drawn(plain);
  }

  /** Schedules with a death, in which the first thread that clears it away dies too. */
  *#reapers(some: readonly Schedule[], count: number): Generator<Schedule> {
    const { threads } = this.world;
    const chosen = this.#some(some, count);
    for (const schedule of chosen) {
      const { cuts } = this.world.run({ ...schedule, deaths: [...schedule.deaths, [threads, Infinity]] });
      const all = upTo(cuts[threads]!).map((cut): Schedule => ({ ...schedule, deaths: [...schedule.deaths, [threads, cut]] }));
      yield* this.#some(all, Math.ceil(count / chosen.length));
    }
  }

  #some(schedules: readonly Schedule[], count: number): readonly Schedule[] {
    if (schedules.length <= count) return schedules;
    const step = schedules.length / count;
    return Array.from(
      { length: Math.floor(count) },
      (_, i) => schedules[Math.floor(i * step) + this.draw(Math.ceil(step))] ?? schedules[0]!,
    );
  }

  #drawn(plain: readonly Outcome[]): Schedule {
    const { draw } = this;
    const { threads } = this.world;
    const first = draw(threads);
    const { points, cuts } = plain[first]!;
    const victim = draw(threads);
    const deaths: (readonly [number, number])[] = [];
    if (draw(3) > 0 && cuts[victim]! > 0) deaths.push([victim, 1 + draw(cuts[victim]!)]);
    // The first thread that clears away the dead one dies, and then also the next may.
    if (deaths.length > 0 && draw(2) > 0) deaths.push([threads, 1 + draw(1 + draw(400))]);
    const switches = Array.from({ length: draw(MOST_SWITCHES + 1) }, () => [1 + draw(points), draw(threads + deaths.length)] as const);
    return { first, switches: switches.toSorted(([a], [b]) => a - b), deaths };
  }

  /** Describes the failure of a run, with the places of the threads at its end; undefined without one. */
  #failure(schedule: Schedule): string | undefined {
    this.runs++;
    let places: readonly string[] | undefined;
    try {
      const outcome = this.world.run(schedule);
      ({ places } = this.world);
      const difference = this.#difference(schedule, outcome);
      return difference && [difference, ...places].join('\n');
    } catch (error) {
      return [(error as Error).stack, ...(places ?? this.world.places)].join('\n');
    }
  }

  /** Describes how the end of a run differs from all sequential ones. */
  #difference(schedule: Schedule, outcome: Outcome): string | undefined {
    const [victim = -1] = schedule.deaths.map(([thread]) => thread);
    // A thread that had done all before its death ends as if it did not die.
    if (this.#isExpected(outcome, outcome.text.includes(DEAD) ? victim : -1)) return undefined;
    const expected = [...(this.#expected.get(victim)?.ends ?? [])];
    return `it ended as no order of its operations does: ${outcome.text}\ninstead of ${expected.join('\n')}`;
  }

  /** True if a sequential run ends so when that thread dies; with -1, without a death. */
  #isExpected({ text, turns }: Outcome, victim: number): boolean {
    let known = this.#expected.get(victim);
    if (known === undefined) this.#expected.set(victim, (known = { ends: new Set(), runs: 0 }));
    const { ends } = known;
    const deaths = victim < 0 ? 0 : 1;
    for (let variant = 0; variant < this.world.variants; variant++)
      for (const likely of this.#likely(turns, victim))
        if (!ends.has(text)) ends.add(this.world.whole(following(likely), deaths, variant).text);
    for (; !ends.has(text) && known.runs < MOST_WHOLE_RUNS; known.runs++)
      ends.add(this.world.whole(this.#choice(victim), deaths, known.runs).text);
    return ends.has(text);
  }

  /**
   * Turns that mostly lead to this end: the operations in the order of their ends, the last one of the dead thread done or not, and it is
   * cleared away at once or later.
   */
  #likely(turns: readonly Turn[], victim: number): readonly (readonly Turn[])[] {
    const counted = turns.filter((turn) => typeof turn === 'number' || turn.dies === victim);
    const cleared = Array.from({ length: CLEARED_IN }, () => this.world.threads);
    const instead = (ofDeath: (death: Turn) => readonly Turn[]): Turn[] =>
      counted.flatMap((turn) => (typeof turn === 'number' ? [turn] : ofDeath(turn)));
    return victim < 0
      ? [counted]
      : [counted, instead((death) => [victim, death]), instead((death) => [death, ...cleared]), instead((death) => [victim, death, ...cleared])]; // prettier-ignore
  }

  #choice(victim: number): Choice {
    const { threads } = this.world;
    // The death mostly comes soon, and in half of the runs it is cleared away before any other thread continues.
    let left = this.drawWhole(1 + this.drawWhole(this.#longest + 1));
    let clearing = this.drawWhole(2) * CLEARED_IN;
    let made = 0;
    return (ready) => {
      this.#longest = Math.max(this.#longest, ++made);
      if (victim >= 0 && left-- === 0) return { dies: victim };
      if (victim >= 0 && left < 0 && ready.includes(threads) && clearing-- > 0) return threads;
      // Reapers get turns only after a death.
      const able = victim >= 0 && left < 0 ? ready : ready.filter((thread) => thread < threads);
      return able.length === 0 ? ready[0]! : able[this.drawWhole(able.length)]!;
    };
  }

  /** The failure of the schedule without the switches that it does not need. */
  #shortened(schedule: Schedule, failure: string): string {
    let [shortest, found] = [schedule, failure];
    for (const without of schedule.switches) {
      const shorter = { ...shortest, switches: shortest.switches.filter((one) => one !== without) };
      const still = this.#failure(shorter);
      if (still !== undefined) [shortest, found] = [shorter, still];
    }
    return `${JSON.stringify(shortest)}\n${found}`;
  }
}

/** All items once, neighbours far from each other: the schedules that show a fault are often neighbours, and one of them is enough. */
function* scattered<T>(items: readonly T[]): Generator<T> {
  const { length } = items;
  let step = Math.max(1, Math.round(length * GOLDEN));
  while (divisor(step, length) > 1) step++;
  for (let i = 0, at = 0; i < length; i++, at = (at + step) % length) yield items[at]!;
}

/** The greatest common divisor. */
function divisor(a: number, b: number): number {
  return b === 0 ? a : divisor(b, a % b);
}

/** All items, by turns one of each. */
function* inTurn<T>(...sources: Generator<T>[]): Generator<T> {
  for (let open = sources; open.length > 0;) {
    const next = open.map((source) => source.next());
    for (const { done, value } of next) if (done !== true) yield value;
    open = open.filter((_, at) => next[at]!.done !== true);
  }
}

/** The numbers from 1 to `count`. */
function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

/** Takes the turns in their order, and skips the ones that are not possible. */
function following(turns: readonly Turn[]): Choice {
  const left = [...turns];
  return (ready) => {
    for (let turn = left.shift(); turn !== undefined; turn = left.shift())
      if (typeof turn === 'object' || ready.includes(turn)) return turn;
    return ready[0]!;
  };
}
