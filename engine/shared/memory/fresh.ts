/** Size up to which memory comes from the heap of the C library; above, it comes from the system. */
const MOST = 128 * 1024;
/** Size from which on a piece has an ArrayBuffer of its own; below, Node.js cuts pieces from a shared pool. */
export const SEPARATE = 4096;

/**
 * Provides memory for copies, which is not zeroed. It allocates each piece one use ahead. Otherwise the collector frees all copies of a
 * loop at once, the C library returns their memory to the system because no used memory lies behind it, and the next copies cost a page
 * fault for each 4 KiB: several times as long as the copying.
 */
export class FreshMemory {
  #ahead: Buffer<ArrayBuffer> | undefined;

  /** Returns a piece of memory: see {@link SEPARATE}. */
  take(bytes: number): Buffer<ArrayBuffer> {
    if (bytes < SEPARATE) return Buffer.allocUnsafe(bytes);
    if (bytes > MOST) return Buffer.allocUnsafeSlow(bytes);
    const ahead = this.#ahead;
    this.#ahead = Buffer.allocUnsafeSlow(bytes);
    return ahead?.length === bytes ? ahead : Buffer.allocUnsafeSlow(bytes);
  }
}
