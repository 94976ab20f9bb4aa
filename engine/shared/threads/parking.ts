/**
 * How threads sleep and are woken: all of it, so that a memory that several processes share can bring
 * another way. The kernel wakes by an instruction of its own.
 */

/** Sleeps while a word is what it was seen to be, until it is woken: true; or until the time is over: false. A word is named by its offset. */
export function sleep(words: Int32Array, offset: number, seen: number, ms: number): boolean {
  return Atomics.wait(words, offset >> 2, seen, ms) !== 'timed-out';
}

/** Wakes all that sleep on a word or listen to it; answers how many. */
export function wake(words: Int32Array, offset: number): number {
  return Atomics.notify(words, offset >> 2);
}

/** Of Node from 16 on, and not yet in the types of ES2023. */
type WaitAsync = (words: Int32Array, index: number, seen: number) => { async: boolean; value: Promise<unknown> };

/**
 * Resolves when the word is another one or someone wakes those who listen to it. It cannot be taken back, and
 * does not keep the program alive. Undefined where the word is another one already.
 */
export function listen(words: Int32Array, offset: number, seen: number): Promise<unknown> | undefined {
  const { async, value } = (Atomics as unknown as { waitAsync: WaitAsync }).waitAsync(words, offset >> 2, seen);
  return async ? value : undefined;
}

/** A thread that blocks cannot do anything else meanwhile, so that it looks up after so many milliseconds: see {@link Watch}. */
export const SLICE = 20;

/** Milliseconds since 1970, in all threads alike, with fractions. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}

/** Milliseconds as A_LOOKED has them. */
export function lookTime(): number {
  return Math.floor(now()) % 2 ** 31;
}
