/** Pieces of up to so many bytes come from the heap of the C library, larger ones from the system. */
const MOST = 128 * 1024;
/** From so many bytes on a piece has its memory for itself; below this, Node.js cuts several pieces out of one. */
export const SEPARATE = 4096;

/**
 * Memory for copies, which is not zeroed. One piece is always made ahead of its use. Without that, the collector frees all
 * copies that a loop has made at once, the C library gives them back to the system because nothing in use lies behind them,
 * and the next copies cost a page fault for each 4 KiB: several times as long as to copy.
 */
export class FreshMemory {
  #ahead: Buffer<ArrayBuffer> | undefined;

  /** A piece, see {@link SEPARATE}. */
  take(bytes: number): Buffer<ArrayBuffer> {
    if (bytes < SEPARATE) return Buffer.allocUnsafe(bytes);
    if (bytes > MOST) return Buffer.allocUnsafeSlow(bytes);
    const ahead = this.#ahead;
    this.#ahead = Buffer.allocUnsafeSlow(bytes);
    return ahead?.length === bytes ? ahead : Buffer.allocUnsafeSlow(bytes);
  }
}
