import type { CallContext } from '../../proto/contract.js';
import { WaitList } from './waiters.js';

/**
 * Where the revisions of a new object begin: above all that another one of its name had, in microseconds,
 * since none changes a million times a second for long.
 */
export function firstRevision(): number {
  return Math.floor((performance.timeOrigin + performance.now()) * 1000);
}

/** Tells those who watch an object's state that it changed. It keeps no changes: what counts is how it is now. */
export class Pulse {
  #revision = firstRevision();
  #telling = false;
  readonly #waiting = new WaitList<number | undefined, number>();

  get waiters(): number {
    return this.#waiting.size;
  }

  /** The state changed. */
  beat(): void {
    this.#revision++;
    if (this.#waiting.size === 0 || this.#telling) return;
    this.#telling = true;
    // All changes of a turn are told as one.
    queueMicrotask(() => this.#tell());
  }

  /** The revision now if it is not the known one, or when it no longer is. */
  watch(known: number | undefined, context: CallContext, timeoutMs: number | undefined): number | Promise<number> {
    if (known !== this.#revision) return this.#revision;
    return this.#waiting.wait(context, known, timeoutMs);
  }

  destroyed(gone: () => Error): void {
    this.#waiting.failAll(gone);
  }

  #tell(): void {
    this.#telling = false;
    while (this.#waiting.first) this.#waiting.first.succeed(this.#revision);
  }
}
