import type { SharedMemoryQueue } from '../../../engine/shared/objects/queue.js';
import { QueueShutDownError } from '../../../proto/errors.js';
import { count, listOf } from '../../objects/arguments.js';
import { checkOptions, NO_OPTIONS, type NoOptions } from '../../../proto/known-options.js';
import { SHUTDOWN_OPTIONS, type ShutdownOptions } from '../../objects/queue/queue-options.js';
import { blocking, SyncProxy, type SyncOptions } from './sync-proxy.js';
import type { Frozen } from '../../objects/frozen.js';

/** The synchronous API of a queue. */
export class SyncQueue<V> extends SyncProxy<SharedMemoryQueue> implements Iterable<Frozen<V>> {
  /** Appends an item, blocking until there is room. @throws QueueFullError if the timeout ends first; QueueShutDownError */
  put(value: V | Frozen<V>, options?: SyncOptions): void {
    this.object.put(value, this.codec, blocking(options));
  }

  /** Appends items, in order, blocking until there is room for each. @throws QueueFullError, with `accepted`; QueueShutDownError */
  putMany(values: Iterable<V | Frozen<V>>, options?: SyncOptions): void {
    this.object.putMany(listOf('values', values), this.codec, blocking(options));
  }

  /**
   * Removes and returns the first item, blocking until there is one. @throws QueueEmptyError if the timeout ends first; QueueShutDownError
   */
  get(options?: SyncOptions): Frozen<V> {
    return this.object.get(this.codec, blocking(options)) as Frozen<V>;
  }

  /** Blocks until there is an item, and returns it with the next ones, at most `max`. @throws the errors of {@link get} */
  getMany(max: number, options?: SyncOptions): Frozen<V>[] {
    return this.object.getMany(count('max', max, 1), this.codec, blocking(options)) as Frozen<V>[];
  }

  /** Appends an item if there is room; returns true if there was. @throws QueueShutDownError */
  tryPut(value: V | Frozen<V>, options?: NoOptions): boolean {
    checkOptions(options, NO_OPTIONS);
    return this.object.tryPut(value, this.codec);
  }

  /** Removes and returns the first item, or undefined if there is none now. @throws QueueShutDownError */
  tryGet(): Frozen<V> | undefined {
    return this.object.tryGet(this.codec) as Frozen<V> | undefined;
  }

  /** Returns the first items without removing them. */
  peek(howMany = 1): Frozen<V>[] {
    return this.object.peek(count('count', howMany, 0), this.codec) as Frozen<V>[];
  }

  /** Returns the number of items. */
  size(): number {
    return this.object.size;
  }

  /** Removes all items, which count as done; returns their number. */
  clear(): number {
    return this.object.clear();
  }

  /** Marks `howMany` items taken earlier as processed. @throws InvalidArgumentError if that is more than were put */
  taskDone(howMany = 1): void {
    const done = count('count', howMany, 0);
    if (done > 0) this.object.taskDone(done);
  }

  /** Blocks until all items ever put are processed. @throws TimeoutError */
  join(options?: SyncOptions): void {
    this.object.join(blocking(options));
  }

  /** Shuts the queue down, as {@link SharedQueue.shutdown}. */
  shutdown(options: ShutdownOptions = {}): void {
    checkOptions(options, SHUTDOWN_OPTIONS);
    this.object.shutdown(options.immediate ?? false);
  }

  /** Iterates over the items, blocking for each, until the queue is shut down and drained. Not for the main thread. */
  *[Symbol.iterator](): Generator<Frozen<V>, void, undefined> {
    for (;;) {
      let item: Frozen<V>;
      try {
        item = this.get();
      } catch (error) {
        if (error instanceof QueueShutDownError) return;
        throw error;
      }
      yield item;
    }
  }
}
