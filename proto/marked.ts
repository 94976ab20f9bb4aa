/**
 * Messages between a program and its child processes and threads. The channels (`process.send`, `parentPort.postMessage`) are shared with
 * users' code and Node itself (`node --watch`), so commonhold's messages carry a mark, and all others are ignored.
 */
const MARK = 'commonhold.message';

/** A message of commonhold, as it is sent. */
export interface Marked<M> {
  readonly [MARK]: M;
}

export function marked<M>(message: M): Marked<M> {
  return { [MARK]: message };
}

/** Returns the message inside a marked one; undefined for all other messages. */
export function unmarked(received: unknown): unknown {
  return typeof received === 'object' && received !== null && MARK in received ? (received as Marked<unknown>)[MARK] : undefined;
}

/** Wraps a listener for a channel so that it only receives marked messages, which have the type that it takes. */
export function onMarked(listener: (message: never) => void): (received: unknown) => void {
  return (received) => {
    const message = unmarked(received);
    if (message !== undefined) listener(message as never);
  };
}
