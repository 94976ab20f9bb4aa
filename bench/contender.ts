import type { MeasuringProcess } from './process.js';

/** One measured round. */
export interface Sample {
  /** In the unit of the row. */
  readonly figure: number;
  /** How many operations it took, which tells how warm the contender is. */
  readonly operations: number;
}

/** Ours, a peer or a limit: something that is measured in rounds. */
export interface Contender {
  readonly name: string;
  measure(seconds: number): Promise<Sample>;
}

/** Processes that work at the same time, each for the same span: their rates add up. */
export function together(name: string, processes: readonly MeasuringProcess[]): Contender {
  return {
    name,
    async measure(seconds) {
      const answers = await Promise.all(processes.map((each) => each.round({ seconds })));
      return {
        figure: sum(answers.map((answer) => answer.operations / answer.seconds)),
        operations: sum(answers.map((answer) => answer.operations)),
      };
    },
  };
}

/** One process that is measured while others work for the same span. */
export function beside(name: string, measured: MeasuringProcess, others: readonly MeasuringProcess[]): Contender {
  return {
    name,
    async measure(seconds) {
      const [{ operations, seconds: took }] = await Promise.all([
        measured.round({ seconds }),
        ...others.map((other) => other.round({ seconds })),
      ]);
      return { figure: operations / took, operations };
    },
  };
}

/**
 * A fixed number of items through processes that know how to pass them; the first process is the
 * one that counts. The number follows the last rate, so that a round of a slow peer lasts about as
 * long as one of a fast one.
 */
export function transfer(name: string, processes: readonly MeasuringProcess[]): Contender {
  let itemsPerSecond = 5_000;
  return {
    name,
    async measure(seconds) {
      const items = Math.max(1_000, Math.round(itemsPerSecond * seconds));
      const [counted] = await Promise.all(processes.map((each) => each.round({ items })));
      if (counted === undefined) throw new Error(`${name} has no process`);
      itemsPerSecond = counted.operations / counted.seconds;
      return { figure: itemsPerSecond, operations: counted.operations };
    },
  };
}

/** One process that says how long its operations take, in microseconds each. */
export function latency(name: string, measured: MeasuringProcess): Contender {
  return {
    name,
    async measure(seconds) {
      const { operations, seconds: took } = await measured.round({ seconds });
      return { figure: (took * 1e6) / operations, operations };
    },
  };
}

/** What would be left if each operation took `trips` of the other contender's. */
export function perTrips(name: string, trips: number, contender: Contender): Contender {
  return {
    name,
    async measure(seconds) {
      const { figure, operations } = await contender.measure(seconds);
      return { figure: figure / trips, operations };
    },
  };
}

/** A figure that was agreed on rather than measured. */
export function agreed(name: string, figure: number): Contender {
  return { name, measure: () => Promise.resolve({ figure, operations: Infinity }) };
}

/** Those that this machine has. */
export function present(...contenders: readonly (Contender | undefined)[]): Contender[] {
  return contenders.filter((contender) => contender !== undefined);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
