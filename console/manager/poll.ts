import { useEffect, useRef, useState } from 'preact/hooks';
import { refused, token } from './token.js';

/** Time between two calls, in milliseconds. */
const EVERY_MS = 1_000;
/** A poll takes at most a fifth of the time, so that an answer that costs the manager much is asked for seldom. */
const SHARE = 5;

/** State that is read again and again. */
export interface Polled<T> {
  /** The last answer; undefined before the first. */
  readonly value: T | undefined;
  /** The error of the last try. */
  readonly error: unknown;
  /** Reads now. */
  readonly again: () => void;
}

/**
 * Calls `read` at once, then about once a second, but not while the tab is hidden. Begins from the start when one of the inputs changes.
 * @param read its signal ends with the need for its answer
 * @param everyMs time between two calls, in milliseconds
 */
export function usePoll<T>(read: (signal: AbortSignal) => Promise<T>, inputs: readonly unknown[], everyMs = EVERY_MS): Polled<T> {
  const [state, setState] = useState<{ value?: T; error?: unknown }>({});
  const latest = useRef(read);
  latest.current = read;
  const again = useRef(() => {});
  useEffect(() => {
    setState({});
    const poll = startPoll(
      (signal) => latest.current(signal),
      (outcome) => setState((before) => ('value' in outcome ? outcome : { ...before, ...outcome })),
      everyMs,
    );
    again.current = poll.again;
    return poll.stop;
  }, [...inputs, token.value]);
  return { value: state.value, error: state.error, again: () => again.current() };
}

type PollOutcome<T> = { readonly value: T } | { readonly error: unknown };

/** Polls until it is stopped. */
export function startPoll<T>(
  read: (signal: AbortSignal) => Promise<T>,
  told: (outcome: PollOutcome<T>) => void,
  everyMs = EVERY_MS,
): { readonly again: () => void; readonly stop: () => void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let current = new AbortController();
  const run = async (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    current.abort();
    current = new AbortController();
    const { signal } = current;
    // Without a token that is taken, every call is in vain.
    if (document.hidden || refused.value !== undefined) return;
    const began = performance.now();
    try {
      const value = await read(signal);
      if (!signal.aborted) told({ value });
    } catch (error) {
      if (!signal.aborted) told({ error });
    }
    if (signal.aborted) return;
    timer = setTimeout(() => void run(), Math.max(everyMs, (performance.now() - began) * SHARE));
  };
  const shown = (): void => void run();
  document.addEventListener('visibilitychange', shown);
  const unsubscribe = refused.subscribe(() => void run());
  return {
    again: shown,
    stop() {
      unsubscribe();
      document.removeEventListener('visibilitychange', shown);
      clearTimeout(timer);
      current.abort();
    },
  };
}
