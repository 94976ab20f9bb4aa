import { Call, Chunk, type Dispatcher, type Settled, type Task } from './call.js';
import { deferred } from './deferred.js';
import type { Site } from '../call-site.js';
import type { Progress, TaskOptions } from './pool-options.js';

/**
 * A call that ends with all its results, in the order of its inputs. It waits for all tasks, also when
 * some fail, and then fails with the error of the first of these.
 */
export class Collection<R> extends Call {
  readonly #results = deferred<R[]>();
  #values: R[] = [];
  #total = 0;
  #done = 0;
  #failure: { readonly position: number; readonly error: unknown } | undefined;

  constructor(
    dispatcher: Dispatcher,
    options: TaskOptions,
    site: Site,
    private readonly onProgress?: (progress: Progress) => void,
  ) {
    super(dispatcher, options, site);
    this.#results.promise.catch(() => {});
  }

  get results(): Promise<R[]> {
    return this.#results.promise;
  }

  /** Submits all there is to do, so many tasks together. */
  run(inputs: readonly (readonly unknown[])[], chunkSize: number): void {
    if (this.over) return;
    this.#total = inputs.length;
    this.#values = new Array<R>(this.#total);
    if (this.#total === 0) this.#end();
    for (let at = 0; at < inputs.length && !this.over; at += chunkSize) {
      const tasks: Task[] = [];
      for (let position = at; position < Math.min(at + chunkSize, inputs.length); position++) {
        const task = this.encoded(position, inputs[position]!);
        if (task !== undefined) tasks.push(task);
      }
      if (tasks.length > 0) this.dispatcher.submit(new Chunk(this, tasks));
    }
  }

  settle(position: number, settled: Settled): void {
    if ('value' in settled) this.#values[position] = settled.value as R;
    else if (this.#failure === undefined || position < this.#failure.position) this.#failure = { position, error: settled.error };
    this.#done++;
    this.#report();
    if (this.#done === this.#total) this.#end();
  }

  protected stopped(reason: unknown): void {
    this.#results.reject(reason);
  }

  #report(): void {
    try {
      this.onProgress?.({ done: this.#done, total: this.#total });
    } catch (error) {
      this.stop(error);
    }
  }

  #end(): void {
    if (this.over) return;
    this.finish();
    if (this.#failure === undefined) this.#results.resolve(this.#values);
    else this.#results.reject(this.#failure.error);
  }
}
