import { inspect } from 'node:util';
import { InvalidArgumentError, NotFoundError, SessionExpiredError, TimeoutError } from '../../proto/errors.js';
import { isAnonymous } from '../../proto/name.js';
import type { Key } from '../../proto/wire/values.js';
import type { CallOptions, Transport } from '../connect/transport/transport.js';
import { checkOptions, type KnownOptions, type OptionNames } from '../../proto/known-options.js';
import { quoted } from '../../proto/given.js';
import { milliseconds, WAIT_OPTIONS, type WaitOptions } from '../wait.js';
import { shown } from '../shown.js';

/** Options of a watch of a state. */
export interface StateWatchOptions extends WaitOptions {
  /**
   * If true, the watch follows the name: it goes on after `destroy`, with the next object of that name and kind, also in a manager that takes
   * the place of this one. It makes no object itself. Default: false.
   */
  follow?: boolean | undefined;
}

/** Options of a watch of all changes. */
export interface WatchOptions extends StateWatchOptions {
  /** Revision of the last change that was seen, to resume after it. Default: start now. */
  from?: number | undefined;
}

/** Options of the watch of a dict. */
export interface DictWatchOptions<K extends Key = Key> extends WatchOptions {
  /** Watches only changes of this key, and changes of the whole dict. */
  key?: K | undefined;
}

const STATE_WATCH_OPTIONS = { ...WAIT_OPTIONS, follow: true } satisfies OptionNames<StateWatchOptions>;
const WATCH_OPTIONS = { ...STATE_WATCH_OPTIONS, from: true } satisfies OptionNames<WatchOptions>;
export const DICT_WATCH_OPTIONS = { ...WATCH_OPTIONS, key: true } satisfies OptionNames<DictWatchOptions>;

/** Result of one call of a watch. */
interface WatchPage<T> {
  readonly items: readonly T[];
  /** The revision to resume from. */
  readonly revision: number;
  /** True if nothing follows. */
  readonly over: boolean;
}

/** The calls of a watch. */
interface Asking<T> {
  /**
   * Requests the changes after a revision, waiting for at most `timeoutMs`. Without a revision it begins the watch, which does not wait.
   */
  ask(from: number | undefined, timeoutMs: number | undefined, options: CallOptions): Promise<WatchPage<T>>;
  /** True if the watch may begin again after its first answer was lost, because that misses nothing. */
  readonly restarts: boolean;
  /** Tells the manager that the watch ends. */
  end(): void;
}

/** Makes one call of a watch of all changes. A call with a revision must not create the object. */
export type AskChanges<C> = (
  request: { watch: number; from: number | undefined; timeoutMs: number | undefined; end: boolean; follow: boolean | undefined },
  options?: CallOptions,
) => Promise<{ changes: C[]; revision: number }>;

/** The answer to a call of a watch of states. */
interface StateReport {
  readonly revision: number;
  /** True if there is no object of the name, which only a watch that follows it is told. */
  readonly absent?: boolean | undefined;
}

/** Makes one call of a watch of states. A call with a revision must not create the object. */
export type AskState<A, T> = (
  request: { from: number | undefined; timeoutMs: number | undefined; follow: boolean | undefined },
  read: (answer: A) => WatchPage<T>,
  options: CallOptions,
) => Promise<WatchPage<T>>;

/** Watches every change of an object, from this call on. */
export function watchChanges<C extends { readonly type: string }>(
  name: string,
  home: { readonly transport: Transport; nextWatch(): number },
  ask: AskChanges<C>,
  options: WatchOptions,
  known: KnownOptions = WATCH_OPTIONS,
): Watch<C> {
  checkOptions(options, known);
  const follow = followOf(name, options);
  const { transport } = home;
  const watch = home.nextWatch();
  const asking: Asking<C> = {
    restarts: false,
    async ask(from, timeoutMs, call) {
      const { changes, revision } = await ask({ watch, from, timeoutMs, end: false, follow }, call);
      return { items: changes, revision, over: follow !== true && changes.at(-1)?.type === 'destroy' };
    },
    end() {
      // Without a session, the watch has ended already. A revision keeps this call from creating the object.
      if (transport.connected) void ask({ watch, from: 0, timeoutMs: 0, end: true, follow }).catch(() => {});
    },
  };
  return new Watch(name, asking, revisionOf(options.from), options);
}

/**
 * Watches the state of an object, beginning with the current one.
 * @param stateOf reads the state where the answer is decoded
 * @param distinct true to return equal successive states once
 */
export function watchState<A extends StateReport, T>(
  name: string,
  ask: AskState<A, T>,
  stateOf: (answer: A) => T,
  options: StateWatchOptions,
  distinct: boolean,
): Watch<T> {
  checkOptions(options, STATE_WATCH_OPTIONS);
  const follow = followOf(name, options);
  let told: { state: T } | undefined;
  const asking: Asking<T> = {
    restarts: true,
    async ask(from, timeoutMs, call) {
      const read = (answer: A): WatchPage<T> => {
        const { revision, absent } = answer;
        if (absent || revision === from) return { items: [], revision, over: false };
        const state = stateOf(answer);
        const news = !(distinct && told?.state === state);
        told = { state };
        return { items: news ? [state] : [], revision, over: false };
      };
      try {
        return await ask({ from, timeoutMs, follow }, read, call);
      } catch (error) {
        if (from !== undefined && error instanceof NotFoundError) return { items: [], revision: from, over: true };
        throw error;
      }
    },
    end() {},
  };
  return new Watch(name, asking, undefined, options);
}

/** Returns the option `follow`. @throws InvalidArgumentError to follow an object without a name */
function followOf(name: string, { follow }: StateWatchOptions): boolean | undefined {
  if (follow !== true || !isAnonymous(name)) return follow;
  throw new InvalidArgumentError('an object without a name cannot be followed: no other one gets its place', { object: name });
}

/** Abort reason of a watch whose loop was left. */
const LEFT = new Error('the loop was left');
const DONE = { done: true, value: undefined } as const;

/**
 * Iterates over the results of calls that wait in the manager, one at a time: the first call is made immediately, each other one when the
 * previous results are consumed. So a slow loop, or one that never runs, accumulates nothing in this process.
 */
class Watch<T> implements AsyncIterableIterator<T, undefined> {
  readonly #stop = new AbortController();
  readonly #items: AsyncGenerator<T, undefined, undefined>;
  #over = false;

  constructor(
    private readonly name: string,
    private readonly asking: Asking<T>,
    from: number | undefined,
    private readonly options: WaitOptions,
  ) {
    milliseconds('timeout', options.timeout);
    const { signal } = options;
    if (signal?.aborted) this.#stop.abort(signal.reason);
    else signal?.addEventListener('abort', this.#onAbort, { once: true });
    const first = this.#ask(from, 0);
    // Its failure is reported by the first next(), which may never be called.
    first.catch(() => {});
    this.#items = this.#run(first);
  }

  /** Returns the state in one line, as `console.log` shows it. */
  toString(): string {
    return this[inspect.custom]();
  }

  /** @internal */
  [inspect.custom](): string {
    return shown(this, `${quoted(this.name)}${this.#over ? ', ended' : ''}`);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    return this.#items.next();
  }

  /** Ends the iteration, and the pending call. */
  return(): Promise<IteratorResult<T, undefined>> {
    this.#leave(LEFT);
    void this.#items.return(undefined);
    return Promise.resolve(DONE);
  }

  async *#run(first: Promise<WatchPage<T>>): AsyncGenerator<T, undefined, undefined> {
    const { signal } = this.#stop;
    try {
      let page = await first;
      for (;;) {
        for (const item of page.items) {
          signal.throwIfAborted();
          yield item;
        }
        if (page.over) return undefined;
        signal.throwIfAborted();
        page = await this.#wait(page.revision);
      }
    } catch (error) {
      if (error === LEFT) return undefined;
      throw error;
    } finally {
      this.#leave(LEFT);
    }
  }

  /** Waits for the changes after a revision. */
  async #wait(since: number): Promise<WatchPage<T>> {
    const { timeout } = this.options;
    const deadline = performance.now() + (timeout ?? Infinity);
    for (let from = since; ;) {
      const left = timeout === undefined ? undefined : Math.max(0, deadline - performance.now());
      const page = await this.#ask(from, milliseconds('timeout', left));
      if (page.items.length > 0 || page.over) return page;
      if (performance.now() >= deadline) {
        throw new TimeoutError(`nothing happened to "${this.name}" within ${Math.ceil(timeout!)} ms`, { object: this.name });
      }
      from = page.revision;
    }
  }

  /** Makes a call, and repeats it in the next session after a loss. */
  async #ask(from: number | undefined, timeoutMs: number | undefined): Promise<WatchPage<T>> {
    const { signal } = this.#stop;
    for (;;) {
      try {
        return await this.asking.ask(from, timeoutMs, { signal });
      } catch (error) {
        const again = error instanceof SessionExpiredError && (from !== undefined || this.asking.restarts);
        if (!again || signal.aborted) throw error;
      }
    }
  }

  readonly #onAbort = (): void => this.#leave(this.options.signal!.reason);

  #leave(reason: unknown): void {
    if (this.#over) return;
    this.#over = true;
    this.options.signal?.removeEventListener('abort', this.#onAbort);
    this.#stop.abort(reason);
    this.asking.end();
  }
}

function revisionOf(from: number | undefined): number | undefined {
  if (from === undefined || (Number.isSafeInteger(from) && from >= 0)) return from;
  throw new InvalidArgumentError(`from is ${quoted(from)}: give the revision of the last change seen`);
}
