import type { Barrier, SharedArray } from 'commonhold';

/** Number of elements sent at a time: 8 MB of them. */
const AT_ONCE = 1_000_000;

/** Fills its part of an array with the indexes, and when all have done so, sums up the part of the next one. */
export default async function (array: SharedArray<'f64'>, written: Barrier, part: number, parts: number): Promise<number> {
  const length = await array.length();
  const boundary = (number: number): number => Math.floor((length * number) / parts);
  const chunks = function* (number: number): Generator<[number, number]> {
    for (let start = boundary(number); start < boundary(number + 1); start += AT_ONCE) {
      yield [start, Math.min(start + AT_ONCE, boundary(number + 1))];
    }
  };
  for (const [start, end] of chunks(part))
    await array.write(
      start,
      Float64Array.from({ length: end - start }, (_, index) => start + index),
    );
  await written.wait();
  let sum = 0;
  for (const [start, end] of chunks((part + 1) % parts)) for (const element of await array.read(start, end)) sum += element;
  return sum;
}
