import { InvalidArgumentError, NotFoundError, SessionExpiredError, TimeoutError } from '../../proto/errors.js';
import type { Key } from '../../proto/wire/values.js';
import type { CallOptions, Transport } from '../connect/transport/transport.js';
import { checkOptions, type KnownOptions, type OptionNames } from '../known-options.js';
import { milliseconds, WAIT_OPTIONS, type WaitOptions } from '../wait.js';

/** Options of a watch that tells every change. */
export interface WatchOptions extends WaitOptions {
  /** Goes on from a revision, the last one seen, instead of from now. */
  from?: number | undefined;
}

/** Options of the watch of a dict. */
export interface DictWatchOptions<K extends Key = Key> extends WatchOptions {
  /** Tells only what happens to this key, and what happens to all. */
  key?: K | undefined;
}

const WATCH_OPTIONS = { ...WAIT_OPTIONS, from: true } satisfies OptionNames<WatchOptions>;
export const DICT_WATCH_OPTIONS = { ...WATCH_OPTIONS, key: true } satisfies OptionNames<DictWatchOptions>;

/** What one call of a watch brought. */
interface WatchPage<T> {
  readonly items: readonly T[];
  /** Where to go on from. */
  readonly revision: number;
  /** Nothing follows. */
  readonly over: boolean;
}

/** How a watch asks. */
interface Asking<T> {
  /** Asks for what is new since a revision, waiting for so long at most. Without one it begins, which does not wait. */
  ask(from: number | undefined, timeoutMs: number | undefined, options: CallOptions): Promise<WatchPage<T>>;
  /** Whether it may begin again where the answer to the beginning was lost: nothing is missed. */
  readonly restarts: boolean;
  /** Says that nothing more is asked for. */
  end(): void;
}

/** Makes one call of a watch that tells every change. One that has a revision must not make the object. */
export type AskChanges<C> = (
  request: { watch: number; from: number | undefined; timeoutMs: number | undefined; end: boolean },
  options?: CallOptions,
) => Promise<{ changes: C[]; revision: number }>;

/** Makes one call of a watch that tells how an object is. One that has a revision must not make the object. */
type AskState<T> = (
  request: { from: number | undefined; timeoutMs: number | undefined },
  options: CallOptions,
) => Promise<{ state: T; revision: number }>;

/** Watches every change of an object, from this call on. */
export function watchChanges<C extends { readonly type: string }>(
  name: string,
  home: { readonly transport: Transport; nextWatch(): number },
  ask: AskChanges<C>,
  options: WatchOptions,
  known: KnownOptions = WATCH_OPTIONS,
): Watch<C> {
  checkOptions(options, known);
  const { transport } = home;
  const watch = home.nextWatch();
  const asking: Asking<C> = {
    restarts: false,
    async ask(from, timeoutMs, call) {
      const { changes, revision } = await ask({ watch, from, timeoutMs, end: false }, call);
      return { items: changes, revision, over: changes.at(-1)?.type === 'destroy' };
    },
    end() {
      // With the session, its watches ended. Any revision keeps this from making the object.
      if (transport.connected) void ask({ watch, from: 0, timeoutMs: 0, end: true }).catch(() => {});
    },
  };
  return new Watch(name, asking, revisionOf(options.from), options);
}

/**
 * Watches how an object is, beginning with how it is now.
 * @param distinct whether equal states that follow each other are told once
 */
export function watchState<T>(name: string, ask: AskState<T>, options: WaitOptions, distinct: boolean): Watch<T> {
  checkOptions(options, WAIT_OPTIONS);
  let told: { state: T } | undefined;
  const asking: Asking<T> = {
    restarts: true,
    async ask(from, timeoutMs, call) {
      try {
        const { state, revision } = await ask({ from, timeoutMs }, call);
        const news = revision !== from && !(distinct && told?.state === state);
        told = { state };
        return { items: news ? [state] : [], revision, over: false };
      } catch (error) {
        if (from !== undefined && error instanceof NotFoundError) return { items: [], revision: from, over: true };
        throw error;
      }
    },
    end() {},
  };
  return new Watch(name, asking, undefined, options);
}

/** Why a watch stops whose loop was left. */
const LEFT = new Error('the loop was left');
const DONE = { done: true, value: undefined } as const;

/**
 * Iterates over what calls bring that wait in the manager, one at a time: the first is made at once, each other
 * one when what the last one brought is worked off. So a slow loop, or one that nobody runs, gathers nothing here.
 */
export class Watch<T> implements AsyncIterableIterator<T, undefined> {
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
    // Its failure is that of the first turn of the loop, which may never come.
    first.catch(() => {});
    this.#items = this.#run(first);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    return this.#items.next();
  }

  /** Leaves the loop: the call under way ends. */
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

  /** Waits for what is new since a revision. */
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

  /** Asks, and goes on in the next session where one is lost. */
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
  throw new InvalidArgumentError(`from is ${String(from)}: give the revision of the last change that was seen`);
}
