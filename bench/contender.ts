import type { MeasuringProcess } from './process.js';

/** One measured round. */
export interface Sample {
  /** In the unit of the row. */
  readonly figure: number;
  /** Number of operations in the round, by which the warm-up is counted. */
  readonly operations: number;
}

/** A contender of a row (commonhold, a peer or a limit), measured in rounds. */
export interface Contender {
  readonly name: string;
  measure(seconds: number): Promise<Sample>;
}

/** Runs processes at the same time, each for the same span, and adds their rates up. */
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

/** Measures one process while others work for the same span. */
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
 * Passes a fixed number of items through processes; the first process counts. The number follows the last rate, so that a round of a slow
 * peer lasts about as long as one of a fast one.
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

/** Measures the time of an operation of one process, in microseconds. */
export function latency(name: string, measured: MeasuringProcess): Contender {
  return {
    name,
    async measure(seconds) {
      const { operations, seconds: took } = await measured.round({ seconds });
      return { figure: (took * 1e6) / operations, operations };
    },
  };
}

/** Divides the figure of another contender by `trips`: the limit if each operation took that many of its operations. */
export function perTrips(name: string, trips: number, contender: Contender): Contender {
  return {
    name,
    async measure(seconds) {
      const { figure, operations } = await contender.measure(seconds);
      return { figure: figure / trips, operations };
    },
  };
}

/** A figure that was agreed on instead of measured. */
export function agreed(name: string, figure: number): Contender {
  return { name, measure: () => Promise.resolve({ figure, operations: Infinity }) };
}

/** Returns the contenders that this machine has. */
export function present(...contenders: readonly (Contender | undefined)[]): Contender[] {
  return contenders.filter((contender) => contender !== undefined);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
