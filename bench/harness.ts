import type { Contender } from './contender.js';
import { describeMachine } from './machine.js';
import { lowerIsBetter, type Contenders, type Row, type RowResult, type Target, type TargetResult } from './row.js';
import { Scope } from './scope.js';
import { startSpinners } from './spinners.js';

/** Duration and number of measurements. */
export interface Plan {
  readonly rounds: number;
  readonly seconds: number;
  /** Fraction of the warm-up operations of a row that are executed. */
  readonly warmUpShare: number;
  /** Minimum and maximum duration of a warm-up, in seconds. */
  readonly warmUpSeconds: { readonly least: number; readonly most: number };
  readonly quick: boolean;
}

export const FULL: Plan = { rounds: 7, seconds: 1, warmUpShare: 1, warmUpSeconds: { least: 2, most: 6 }, quick: false };
export const QUICK: Plan = {
  rounds: 3,
  seconds: 0.2,
  warmUpShare: 0.1,
  warmUpSeconds: { least: 0.4, most: 0.6 },
  quick: true,
};

/** Figures of all rounds by contender's name; the figures at one index were measured in the same round. */
type Rounds = ReadonlyMap<string, readonly number[]>;

/**
 * Measures a row. A row of awaited calls gives two results, without and with spinners. An abort takes effect between measurements, so that
 * everything started is ended.
 */
export async function measureRow(row: Row, plan: Plan, signal: AbortSignal): Promise<RowResult[]> {
  await using scope = await Scope.open();
  const contenders = await row.start(scope);
  for (const contender of everyone(contenders)) await warmUp(contender, row, plan, signal);

  const summary = { row, plan, contenders, notes: [...scope.notes] };
  const results = [summarise(summary, await alternate(contenders, plan, signal), false)];
  if (row.awaited) {
    await using _ = await startSpinners();
    results.push(summarise(summary, await alternate(contenders, plan, signal), true));
  }
  return results;
}

/** Alternates between the contenders within each round, so that a disturbance of the machine affects all alike. */
async function alternate(contenders: Contenders, plan: Plan, signal: AbortSignal): Promise<Rounds> {
  const figures = new Map<string, number[]>();
  for (let round = 0; round < plan.rounds; round++) {
    for (const contender of everyone(contenders)) {
      signal.throwIfAborted();
      const { figure } = await contender.measure(plan.seconds);
      figures.set(contender.name, [...(figures.get(contender.name) ?? []), figure]);
    }
  }
  return figures;
}

/** Lets the just-in-time compiler finish before the first measurement. */
async function warmUp(contender: Contender, row: Row, plan: Plan, signal: AbortSignal): Promise<void> {
  const started = performance.now();
  const elapsed = (): number => (performance.now() - started) / 1000;
  let operations = 0;
  do {
    signal.throwIfAborted();
    operations += (await contender.measure(plan.seconds)).operations;
  } while (elapsed() < plan.warmUpSeconds.least || (operations < row.warmUp * plan.warmUpShare && elapsed() < plan.warmUpSeconds.most));
}

interface Summary {
  readonly row: Row;
  readonly plan: Plan;
  readonly contenders: Contenders;
  readonly notes: readonly string[];
}

function summarise({ row, plan, contenders, notes }: Summary, rounds: Rounds, spinners: boolean): RowResult {
  const { ours, peers, limits } = contenders;
  const ratios: Record<string, number> = {};
  const spread: Record<string, { min: number; max: number }> = {};
  for (const { name } of [...peers, ...limits]) {
    const paired = pairedRatios(row, figuresOf(rounds, ours.name), figuresOf(rounds, name));
    ratios[name] = median(paired);
    spread[name] = { min: Math.min(...paired), max: Math.max(...paired) };
  }
  return {
    row: spinners ? `${row.name}+spinners` : row.name,
    unit: row.unit,
    ours: median(figuresOf(rounds, ours.name)),
    peers: medians(rounds, peers),
    limits: medians(rounds, limits),
    ratios,
    spread,
    targets: row.targets.map((target) => judge(target, ratios)),
    work: row.work,
    spinners,
    rounds: plan.rounds,
    quick: plan.quick,
    notes,
    measured: new Date().toISOString(),
    machine: describeMachine(),
  };
}

/** Returns the ratios of the rounds, above 1 if commonhold is better. */
function pairedRatios(row: Row, ours: readonly number[], other: readonly number[]): number[] {
  return ours.map((figure, round) => {
    const theirs = other[round] ?? NaN;
    return lowerIsBetter(row.unit) ? theirs / figure : figure / theirs;
  });
}

/** Compares with the best of the contenders named: the one with the smallest ratio. */
function judge({ against, atLeast }: Target, ratios: Readonly<Record<string, number>>): TargetResult {
  let best: TargetResult = { against: against.join(' or '), atLeast, ratio: null, reached: null };
  for (const name of against) {
    const ratio = ratios[name];
    if (ratio === undefined || (best.ratio !== null && best.ratio <= ratio)) continue;
    best = { against: name, atLeast, ratio, reached: ratio >= atLeast };
  }
  return best;
}

function medians(rounds: Rounds, contenders: readonly Contender[]): Record<string, number> {
  return Object.fromEntries(contenders.map(({ name }) => [name, median(figuresOf(rounds, name))]));
}

function figuresOf(rounds: Rounds, name: string): readonly number[] {
  const figures = rounds.get(name);
  if (figures === undefined) throw new Error(`${name} was not measured`);
  return figures;
}

function everyone({ ours, peers, limits }: Contenders): Contender[] {
  return [ours, ...peers, ...limits];
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [lower, upper] = [sorted[middle - 1], sorted[middle]];
  if (upper === undefined) return NaN;
  return sorted.length % 2 === 1 || lower === undefined ? upper : (lower + upper) / 2;
}
