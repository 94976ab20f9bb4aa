/** Pieces of up to so many bytes come from the heap of the C library, larger ones from the system. */
const MOST = 128 * 1024;
/** Below this, Node.js cuts several pieces out of one. */
const LEAST = 4096;

/**
 * Memory for copies, which is not zeroed. One piece is always made ahead of its use. Without that, the collector frees all
 * copies that a loop has made at once, the C library gives them back to the system because nothing in use lies behind them,
 * and the next copies cost a page fault for each 4 KiB: several times as long as to copy.
 */
export class FreshMemory {
  #ahead: Buffer<ArrayBuffer> | undefined;

  /** A piece, which from LEAST bytes on has its memory for itself. */
  take(bytes: number): Buffer<ArrayBuffer> {
    if (bytes < LEAST) return Buffer.allocUnsafe(bytes);
    if (bytes > MOST) return Buffer.allocUnsafeSlow(bytes);
    const ahead = this.#ahead;
    this.#ahead = Buffer.allocUnsafeSlow(bytes);
    return ahead?.length === bytes ? ahead : Buffer.allocUnsafeSlow(bytes);
  }
}
