/**
 * All sleeping and waking of threads, in one place, so that memory shared by several processes can replace it. Only the kernel wakes by an
 * instruction of its own.
 */

/** Sleeps while the word at an offset has the seen value. Returns false if the time ran out, otherwise true. */
export function sleep(words: Int32Array, offset: number, seen: number, ms: number): boolean {
  return Atomics.wait(words, offset >> 2, seen, ms) !== 'timed-out';
}

/** Wakes all threads that sleep on a word or listen to it. Returns their number. */
export function wake(words: Int32Array, offset: number): number {
  return Atomics.notify(words, offset >> 2);
}

/** In Node from 16 on, but not in the types of ES2023. */
type WaitAsync = (words: Int32Array, index: number, seen: number) => { async: boolean; value: Promise<unknown> };

/**
 * Resolves when a word changes and its listeners are woken. It cannot be cancelled, and does not keep the program alive. Returns undefined
 * if the word has changed already.
 */
export function listen(words: Int32Array, offset: number, seen: number): Promise<unknown> | undefined {
  const { async, value } = (Atomics as unknown as { waitAsync: WaitAsync }).waitAsync(words, offset >> 2, seen);
  return async ? value : undefined;
}

/** Interval at which a blocked thread looks around, in milliseconds, because it can do nothing else meanwhile: see {@link ThreadWatch}. */
export const SLICE = 20;

/** Returns milliseconds since 1970, with fractions, alike in all threads. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}

/** Returns the time in the format of A_LOOKED. */
export function lookTime(): number {
  return Math.floor(now()) % 2 ** 31;
}
