import { inspect } from 'node:util';
import { Job, TaskChunk, errorOfInput, type Dispatcher, type Settled, type Task } from './job.js';
import { deferred } from '../deferred.js';
import type { Site } from '../../call-site.js';
import { checkOptions } from '../../../proto/known-options.js';
import type { Input } from './input.js';
import { MAP_OPTIONS, positive, type MapOptions } from './options.js';
import { shown } from '../../shown.js';

/**
 * Iterator over results as they arrive. A failed task rejects one `next()` with its error, whose `inputIndex` is the index of its input.
 * The error ends a `for await` loop; another loop over the same iterator continues after it. Leaving a loop by `break`, or disposing, ends
 * the iteration: it closes the iterator of the inputs, and drops the tasks that have not started.
 */
export interface ResultIterator<R> extends AsyncIterableIterator<R, undefined>, AsyncDisposable {
  /** The same iteration, with the index of the input before each result. */
  entries(): AsyncIterableIterator<[index: number, result: R], undefined>;
}

const DONE = { done: true, value: undefined } as const;

/** A pending `next()`. */
interface PendingNext<R> {
  result(index: number, value: R): void;
  over(): void;
  reject(error: unknown): void;
}

/** Pulls inputs as the loop takes results: at most twice as many as the workers can hold. */
export class ImapJob<R> extends Job implements ResultIterator<R> {
  readonly #chunkSize: number;
  /** Maximum number of inputs taken whose results the loop has not received. */
  readonly #most: number;
  readonly #onProgress: MapOptions['onProgress'];
  #taken = 0;
  #done = 0;
  #delivered = 0;
  /** Outcomes to deliver, keyed by the position of their input, or by their order of arrival if unordered. */
  readonly #settled = new Map<number, { readonly position: number; readonly settled: Settled }>();
  readonly #waiting: PendingNext<R>[] = [];
  #exhausted = false;
  /** Position after the last input, if the inputs ended with an error of their own. */
  #endOfInputs: number | undefined;
  #pulling = false;
  /** True after an error was delivered, since the loop may never continue: no further tasks start until it does. */
  #paused = false;
  /** The reason of an early end, until a `next()` has delivered it. */
  #failure: { readonly reason: unknown } | undefined;

  constructor(
    dispatcher: Dispatcher,
    private readonly input: Input<unknown>,
    private readonly ordered: boolean,
    options: MapOptions,
    site: Site,
  ) {
    checkOptions(options, MAP_OPTIONS);
    const chunkSize = positive('chunkSize', options.chunkSize ?? 1);
    super(dispatcher, options, site);
    this.#chunkSize = chunkSize;
    this.#most = 2 * chunkSize * dispatcher.size;
    this.#onProgress = options.onProgress;
  }

  /** Returns the state in one line, as `console.log` shows it. */
  override toString(): string {
    return this[inspect.custom]();
  }

  /** @internal */
  [inspect.custom](): string {
    return shown(this, `taken: ${this.#taken}, delivered: ${this.#delivered}${this.over ? ', ended' : ''}`);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  entries(): AsyncIterableIterator<[index: number, result: R], undefined> {
    const entries: AsyncIterableIterator<[index: number, result: R], undefined> = {
      [Symbol.asyncIterator]: () => entries,
      next: () => this.#next((index, value) => [index, value]),
      return: () => this.return() as Promise<IteratorReturnResult<undefined>>,
    };
    return entries;
  }

  next(): Promise<IteratorResult<R, undefined>> {
    return this.#next((_, value) => value);
  }

  #next<T>(shape: (index: number, value: R) => T): Promise<IteratorResult<T, undefined>> {
    if (this.#failure !== undefined) {
      const { reason } = this.#failure;
      this.#failure = undefined;
      return Promise.reject(reason);
    }
    if (this.over) return Promise.resolve(DONE);
    const next = deferred<IteratorResult<T, undefined>>();
    const result = (index: number, value: R): void => next.resolve({ done: false, value: shape(index, value) });
    this.#waiting.push({ result, over: () => next.resolve(DONE), reject: (error) => next.reject(error) });
    this.#goOn();
    this.#deliver();
    void this.#pull();
    return next.promise;
  }

  async return(): Promise<IteratorResult<R, undefined>> {
    if (!this.over) {
      this.finish();
      this.#answerAll();
      await this.#closeInput();
    }
    this.#failure = undefined;
    return DONE;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  protected settled(position: number, settled: Settled): void {
    this.#settled.set(this.ordered ? position : this.#done, { position, settled });
    this.#done++;
    this.#report();
    this.#deliver();
    void this.#pull();
  }

  protected stopped(reason: unknown): void {
    if (this.#waiting.length === 0) this.#failure = { reason };
    for (const waiting of this.#waiting.splice(0)) waiting.reject(reason);
    void this.#closeInput().catch(() => {});
  }

  #goOn(): void {
    if (!this.#paused) return;
    this.#paused = false;
    try {
      this.dispatcher.resume(this);
    } catch (error) {
      // Results that have arrived can still be delivered.
      if (!this.#exhausted) this.#noMore(error);
    }
  }

  #deliver(): void {
    while (this.#waiting.length > 0) {
      const next = this.#settled.get(this.#delivered);
      if (next === undefined) break;
      this.#settled.delete(this.#delivered++);
      const waiting = this.#waiting.shift()!;
      const { position, settled } = next;
      if ('value' in settled) waiting.result(position, settled.value as R);
      else this.#fail(waiting, position === this.#endOfInputs ? settled.error : errorOfInput(settled.error, position));
    }
    if (this.#exhausted && this.#delivered === this.#taken && !this.over) {
      this.finish();
      this.#answerAll();
    }
  }

  #fail(waiting: PendingNext<R>, error: unknown): void {
    waiting.reject(error);
    if (this.#waiting.length > 0 || (this.#exhausted && this.#delivered === this.#taken)) return;
    this.#paused = true;
    this.dispatcher.leave(this);
  }

  /** Takes inputs while there is room. */
  async #pull(): Promise<void> {
    if (this.#pulling) return;
    this.#pulling = true;
    while (!this.over && !this.#exhausted && !this.#paused && this.#taken - this.#delivered + this.#chunkSize <= this.#most) {
      const tasks = await this.#take();
      if (tasks.length > 0 && !this.over) this.dispatcher.submit(new TaskChunk(this, tasks));
    }
    this.#pulling = false;
  }

  /** Takes the next chunk of inputs, or the remaining ones. An error takes the place of a result at its position. */
  async #take(): Promise<Task[]> {
    const tasks: Task[] = [];
    for (let count = 0; count < this.#chunkSize && !this.over; count++) {
      try {
        const step = this.input.async ? await this.input.iterator.next() : this.input.iterator.next();
        if (step.done === true) {
          this.#exhausted = true;
          this.#deliver();
          break;
        }
        const task = this.encoded(this.#taken++, [step.value]);
        if (task !== undefined) tasks.push(task);
      } catch (error) {
        this.#noMore(error);
        break;
      }
    }
    return tasks;
  }

  /** Ends the inputs with an error, which is delivered in its place. */
  #noMore(error: unknown): void {
    this.#exhausted = true;
    this.#endOfInputs = this.#taken++;
    this.settle(this.#endOfInputs, { error });
  }

  #answerAll(): void {
    for (const waiting of this.#waiting.splice(0)) waiting.over();
  }

  /**
   * Closes the iterator of the inputs. If a `next()` of it is pending, its `return()` may complete only after that, so it is not awaited.
   */
  async #closeInput(): Promise<void> {
    if (this.#exhausted) return;
    this.#exhausted = true;
    const closing = Promise.resolve(this.input.iterator.return?.());
    if (this.#pulling) closing.catch(() => {});
    else await closing;
  }

  #report(): void {
    try {
      this.#onProgress?.({ done: this.#done, total: this.#exhausted ? this.#taken : undefined });
    } catch (error) {
      this.stop(error);
    }
  }
}
