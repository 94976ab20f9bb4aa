/**
 * Kinds of stops of a coroutine: before an access in the kernel, at each turn of a loop in it, before an access in the code around it, and
 * behind an operation.
 */
export const POINT = { read: 1, write: 2, loop: 4, readOutside: 8, writeOutside: 16, operation: 32 } as const;

export type Point = keyof typeof POINT;

/** Factor of the number of the place in the source, above the kind of a stop. */
export const PLACE = 64;
export const PLACES: string[] = [''];

/** Yielded by a thread that sleeps while the word at the offset has the value that it has seen. */
export interface Asleep {
  readonly offset: number;
  readonly seen: number;
}

/** Steps of a thread, which stops at each point. */
export type Coroutine<R = unknown> = Generator<number | Asleep, R, boolean>;

/** Functions that instrumented code calls. */
export const Names = {
  isOne: '$isOne',
  last: '$last',
  run: '$run',
  each: '$each',
  bound: '$bound',
  first: '$first',
  collected: '$collected',
} as const;

const GeneratorFunction = Object.getPrototypeOf(function* () {}) as object;
const Generators = (GeneratorFunction as { prototype: object }).prototype;

function isCoroutine(value: unknown): value is Coroutine {
  return typeof value === 'object' && value !== null && Generators.isPrototypeOf(value);
}

function makesCoroutines(value: unknown): value is (...given: unknown[]) => Coroutine {
  return typeof value === 'function' && Object.getPrototypeOf(value) === GeneratorFunction;
}

/** Thrown if code that cannot stop, such as a getter, would sleep. */
export class WouldSleep extends Error {
  constructor(readonly asleep: Asleep) {
    super('the coroutine would sleep while no other runs');
  }
}

let last: unknown;

/** Runs a coroutine to its end without a stop; returns any other value. */
export function run(value: unknown): unknown {
  if (!isCoroutine(value)) return value;
  for (;;) {
    const { done, value: found } = value.next();
    if (done === true) return found;
    if (typeof found === 'object') throw new WouldSleep(found);
  }
}

/** Methods of arrays by these names, for callbacks that are coroutines. */
function* each(receiver: unknown, name: string, given: readonly unknown[]): Coroutine {
  const work = given.find(makesCoroutines);
  if (work === undefined) {
    const result = (receiver as Record<string, (...given: readonly unknown[]) => unknown>)[name]!(...given);
    return isCoroutine(result) ? yield* result : result;
  }
  const items = name === 'from' ? Array.from(given[0] as Iterable<unknown>) : [...(receiver as Iterable<unknown>)];
  const results: unknown[] = [];
  let sum = given[1];
  for (const [index, item] of items.entries()) {
    const result = name === 'reduce' ? (sum = yield* work(sum, item, index)) : yield* work(item, index);
    results.push(result);
    if (name === 'some' && Boolean(result)) return true;
    if (name === 'every' && !Boolean(result)) return false;
    if (name === 'find' && Boolean(result)) return item;
  }
  if (name === 'reduce') return sum;
  if (name === 'some' || name === 'every') return name === 'every';
  if (name === 'filter') return items.filter((_, index) => Boolean(results[index]));
  return name === 'map' || name === 'from' ? results : undefined;
}

/** The functions that instrumented code calls, by {@link Names}. */
export const RUNTIME: Record<string, unknown> = {
  [Names.isOne]: (value: unknown) => isCoroutine((last = value)),
  [Names.last]: () => last,
  [Names.run]: run,
  [Names.each]: each,
  [Names.bound]: (coroutine: (...given: unknown[]) => Coroutine, self: unknown) => coroutine.bind(self),
  [Names.first]: (value: unknown) => value,
};
