import type { Aborts } from '../../connect/transport/aborts.js';
import type { Site } from '../../call-site.js';
import type { EncodedArguments } from '../../shared/shared-memory.js';
import { timeoutMs, type TaskOptions } from './options.js';

/** How a task ended. */
export type Settled = { readonly value: unknown } | { readonly error: unknown };

/**
 * The error of one of several inputs, which says of which as `inputIndex`. Texts, numbers and the like that were thrown
 * cannot say it.
 */
export function errorOfInput(error: unknown, index: number): unknown {
  if (typeof error === 'object' && error !== null) {
    Object.defineProperty(error, 'inputIndex', { value: index, enumerable: true, configurable: true, writable: true });
  }
  return error;
}

/** One call of the pool's function that is to be made. */
export interface Task {
  /** Its place among the inputs of its call. */
  readonly position: number;
  readonly args: EncodedArguments;
}

/** Tasks that one worker gets, and how far it has come. */
export class TaskChunk {
  #next = 0;

  constructor(
    readonly call: Job,
    private readonly tasks: readonly Task[],
  ) {}

  get left(): number {
    return this.tasks.length - this.#next;
  }

  take(count: number): Task[] {
    const taken = this.tasks.slice(this.#next, this.#next + count);
    this.#next += taken.length;
    return taken;
  }

  /** What is left, behind tasks that were taken and not begun. */
  rest(notBegun: readonly Task[] = []): TaskChunk {
    return new TaskChunk(this.call, [...notBegun, ...this.tasks.slice(this.#next)]);
  }
}

/** What distributes tasks, as a call knows it. */
export interface Dispatcher {
  /** How many workers there are. */
  readonly size: number;
  /** The pool's limit for a task, in milliseconds. */
  readonly timeout: number | undefined;
  /** Who listens to the signals of calls. */
  readonly aborts: Aborts;
  /** A call begins. Throws ClosedError, or why no worker can start. */
  enter(call: Job): void;
  /** A call that has left goes on. Throws as `enter`, but a pool that is closed still takes it while it works. */
  resume(call: Job): void;
  /** A call submits nothing more, for now or for good. */
  leave(call: Job): void;
  /** Encodes the arguments of a task for a worker of the pool. Throws InvalidArgumentError for what cannot travel. */
  encode(args: readonly unknown[]): EncodedArguments;
  /** As {@link keepReferred}, of the pool's manager. */
  keep(args: EncodedArguments): (() => void) | undefined;
  /** Every task of it is settled once, unless its call is over before. */
  submit(chunk: TaskChunk): void;
  /** Forgets what the call submitted; tasks that run are left to their end. */
  drop(call: Job): void;
  /** As `drop`, and tells the tasks that run to end. */
  cancel(call: Job, reason: unknown): void;
}

/** A call of a pool under way: it submits tasks, and gets what they gave. */
export abstract class Job {
  /** Tasks submitted that have not ended; kept by the dispatcher. */
  pending = 0;
  /** Milliseconds that a task may run. */
  readonly timeout: number | undefined;
  readonly #signal: AbortSignal | undefined;
  readonly #aborted = (): void => this.stop(this.#signal!.reason);
  #over = false;
  /** Lets go of what the arguments of a task refer to, by its position. */
  readonly #kept = new Map<number, () => void>();

  /** @param site where the program made the call */
  constructor(
    protected readonly dispatcher: Dispatcher,
    { signal, timeout }: TaskOptions,
    readonly site: Site,
  ) {
    signal?.throwIfAborted();
    this.timeout = timeoutMs('timeout', timeout) ?? dispatcher.timeout;
    dispatcher.enter(this);
    this.#signal = signal;
    if (signal !== undefined) dispatcher.aborts.add(signal, this.#aborted);
  }

  /** Whether nobody wants to know any more how its tasks end. */
  get over(): boolean {
    return this.#over;
  }

  /** A task has ended. */
  settle(position: number, settled: Settled): void {
    this.#kept.get(position)?.();
    this.#kept.delete(position);
    this.settled(position, settled);
  }

  /** What it makes of the end of a task. */
  protected abstract settled(position: number, settled: Settled): void;

  /** It was ended early. */
  protected abstract stopped(reason: unknown): void;

  /** Ends it early: it fails with the reason, and so does what it still runs. */
  stop(reason: unknown): void {
    if (this.#over) return;
    this.#over = true;
    this.dispatcher.cancel(this, reason);
    this.#left();
    this.stopped(reason);
  }

  /** It ends by itself; what it still runs is left to its end. */
  protected finish(): void {
    if (this.#over) return;
    this.#over = true;
    this.dispatcher.drop(this);
    this.#left();
  }

  /** A task of these arguments; where they cannot travel, that is how it ends. */
  protected encoded(position: number, args: readonly unknown[]): Task | undefined {
    try {
      const encoded = this.dispatcher.encode(args);
      const kept = this.dispatcher.keep(encoded);
      if (kept !== undefined) this.#kept.set(position, kept);
      return { position, args: encoded };
    } catch (error) {
      this.settle(position, { error });
      return undefined;
    }
  }

  #left(): void {
    if (this.#signal !== undefined) this.dispatcher.aborts.delete(this.#signal, this.#aborted);
    for (const letGo of this.#kept.values()) letGo();
    this.#kept.clear();
    this.dispatcher.leave(this);
  }
}
