import { Job, TaskChunk, type Dispatcher, type Settled, type Task } from './job.js';
import { deferred } from '../deferred.js';
import type { Site } from '../../call-site.js';
import type { Progress, TaskOptions } from './options.js';

/** A call that ends once all its tasks have ended. Resolves to their outcomes, in the order of the inputs. */
export class MapJob extends Job {
  readonly #ended = deferred<Settled[]>();
  #settled: Settled[] = [];
  #total = 0;
  #done = 0;

  constructor(
    dispatcher: Dispatcher,
    options: TaskOptions,
    site: Site,
    private readonly onProgress?: (progress: Progress) => void,
  ) {
    super(dispatcher, options, site);
    this.#ended.promise.catch(() => {});
  }

  /** Rejects if the call ends early. */
  get ended(): Promise<Settled[]> {
    return this.#ended.promise;
  }

  /** Submits all tasks, in chunks of `chunkSize`, or none if they are too many. */
  run(inputs: readonly (readonly unknown[])[], chunkSize: number): void {
    if (this.over) return;
    const refusal = this.dispatcher.refusal(inputs.length);
    if (refusal !== undefined) return this.stop(refusal);
    this.#total = inputs.length;
    this.#settled = new Array<Settled>(this.#total);
    if (this.#total === 0) this.#end();
    for (let at = 0; at < inputs.length && !this.over; at += chunkSize) {
      const tasks: Task[] = [];
      for (let position = at; position < Math.min(at + chunkSize, inputs.length); position++) {
        const task = this.encoded(position, inputs[position]!);
        if (task !== undefined) tasks.push(task);
      }
      if (tasks.length > 0) this.dispatcher.submit(new TaskChunk(this, tasks));
    }
  }

  protected settled(position: number, settled: Settled): void {
    this.#settled[position] = settled;
    this.#done++;
    this.#report();
    if (this.#done === this.#total) this.#end();
  }

  protected stopped(reason: unknown): void {
    this.#ended.reject(reason);
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
    this.#ended.resolve(this.#settled);
  }
}
