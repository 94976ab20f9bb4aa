/**
 * Messages between a program and what it started, on channels that users' code and Node itself write to as well
 * (`process.send`, `parentPort.postMessage`, `node --watch`): ours carry a mark, by which all others are passed over.
 */
const MARK = 'commonhold.message';

/** A message of ours, as it is sent. */
export interface Marked<M> {
  readonly [MARK]: M;
}

export function marked<M>(message: M): Marked<M> {
  return { [MARK]: message };
}

/** The message that was sent as ours; undefined for one of anyone else. */
export function unmarked(received: unknown): unknown {
  return typeof received === 'object' && received !== null && MARK in received ? (received as Marked<unknown>)[MARK] : undefined;
}

/** A listener for a channel that calls the given one with messages of ours alone, which are of the type that it takes. */
export function onMarked(listener: (message: never) => void): (received: unknown) => void {
  return (received) => {
    const message = unmarked(received);
    if (message !== undefined) listener(message as never);
  };
}
