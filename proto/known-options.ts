import { InvalidArgumentError } from './errors.js';
import { quoted } from './given.js';

/** Table of all option names of a type: `{ ... } satisfies OptionNames<T>` does not compile if one is missing. */
export type OptionNames<T> = Readonly<Record<keyof T, true>>;

/** Table of option names of any type. */
export type KnownOptions = Readonly<Record<string, true>>;

/** Options of a method that takes none, though another form of it does. */
export type NoOptions = Readonly<Record<string, never>>;

export const NO_OPTIONS = {} satisfies KnownOptions;

/** Option names of other libraries and of Python, with their names here. */
const ELSEWHERE: Readonly<Record<string, string>> = { maxsize: 'capacity', maxlen: 'capacity', size: 'capacity', expiry: 'ttl' };

/**
 * Refuses unknown options, so that a misspelt option is an error instead of having no effect.
 * @throws InvalidArgumentError, which names the nearest known option
 */
export function checkOptions(options: object | undefined, known: KnownOptions): void {
  if (options === undefined) return;
  assertOptions(options);
  for (const name in options) if (!Object.hasOwn(known, name)) throw unknownOption(name, Object.keys(known));
}

/** @throws InvalidArgumentError if options are no object */
export function assertOptions(options: object): void {
  if (typeof options !== 'object' || options === null) throw new InvalidArgumentError(`options are ${quoted(options)}: give an object`);
}

function unknownOption(name: string, known: readonly string[]): InvalidArgumentError {
  if (known.length === 0) return new InvalidArgumentError(`there is no option "${name}" here: this method takes none`);
  const distances = new Map(known.map((option) => [option, distance(name, option)]));
  const nearest = known.reduce((best, option) => (distances.get(option)! < distances.get(best)! ? option : best));
  const all = known.length === 1 ? '' : `; the options here are ${known.join(', ')}`;
  return new InvalidArgumentError(`there is no option "${name}": did you mean "${nearest}"?${all}`);
}

/**
 * Distance of a name from an option: below 0 for a name that another library uses for it, 0 for another spelling, below 1 if one contains
 * the other, else the number of edits.
 */
function distance(name: string, option: string): number {
  const [a, b] = [name.toLowerCase(), option.toLowerCase()];
  if (ELSEWHERE[a] === option) return -1;
  if (a === b) return 0;
  if (a.includes(b) || b.includes(a)) return 0.5;
  // Levenshtein distance, row by row.
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
}
