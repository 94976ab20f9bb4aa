import { Timer } from '../../../proto/timer.js';

/** Limits of a wait: a timeout in milliseconds, and a signal. */
export interface Limits {
  readonly timeout?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Resolves as the promise does, unless a limit ends first.
 * @param late creates the error of the timeout
 * @throws the error of the timeout; the signal's reason
 */
export async function withinLimits<T>(promise: Promise<T>, { timeout, signal }: Limits, late: () => Error): Promise<T> {
  if (signal === undefined && timeout === undefined) return promise;
  signal?.throwIfAborted();
  let giveUp!: (reason: unknown) => void;
  const limit = new Promise<never>((_, reject) => (giveUp = reject));
  const abort = (): void => giveUp(signal!.reason);
  signal?.addEventListener('abort', abort, { once: true });
  const timer = timeout === undefined ? undefined : new Timer(timeout, () => giveUp(late()));
  try {
    return await Promise.race([promise, limit]);
  } finally {
    timer?.stop();
    signal?.removeEventListener('abort', abort);
  }
}
