import type { Aborts } from '../../connect/transport/aborts.js';
import type { Site } from '../../call-site.js';
import { priorityOf } from '../../objects/arguments.js';
import { movedBy, type EncodedArguments } from '../../shared/shared-memory.js';
import { timeoutMs, type TaskOptions } from './options.js';

/** Outcome of a task. */
export type Settled = { readonly value: unknown } | { readonly error: unknown };

/**
 * Adds `inputIndex`, the index of the failed input, to its error. Thrown primitives, such as strings and numbers, are returned unchanged.
 */
export function errorOfInput(error: unknown, index: number): unknown {
  if (typeof error === 'object' && error !== null) {
    Object.defineProperty(error, 'inputIndex', { value: index, enumerable: true, configurable: true, writable: true });
  }
  return error;
}

/** A pending call of the pool's function. */
export interface Task {
  /** Index of its input within the call. */
  readonly position: number;
  readonly args: EncodedArguments;
}

/** Tasks for one worker, with the progress in them. */
export class TaskChunk {
  #next = 0;
  #moves: boolean | undefined;

  constructor(
    readonly call: Job,
    private readonly tasks: readonly Task[],
    /** Reading of the process's clock, in milliseconds. */
    readonly submittedAt = performance.now(),
  ) {}

  get left(): number {
    return this.tasks.length - this.#next;
  }

  /** True if arguments of its tasks move to the worker. */
  get moves(): boolean {
    return (this.#moves ??= this.tasks.some(({ args }) => movedBy(args).length > 0));
  }

  take(count: number): Task[] {
    const taken = this.tasks.slice(this.#next, this.#next + count);
    this.#next += taken.length;
    return taken;
  }

  /** Returns the remaining tasks, after tasks that were taken and not started. */
  rest(notBegun: readonly Task[] = []): TaskChunk {
    return new TaskChunk(this.call, [...notBegun, ...this.tasks.slice(this.#next)], this.submittedAt);
  }
}

/** Distributes the tasks of jobs to workers. */
export interface Dispatcher {
  /** Number of workers. */
  readonly size: number;
  /** The pool's time limit of a task, in milliseconds. */
  readonly timeout: number | undefined;
  /** Callbacks for the signals of calls. */
  readonly aborts: Aborts;
  /** Returns the trace context of the code that runs; undefined outside of traces. */
  traceContext(): Uint8Array | undefined;
  /** Registers a new call. @throws ClosedError, or the error that keeps workers from starting */
  enter(call: Job): void;
  /** Returns the error of a call whose tasks are too many to wait; undefined if they may. */
  refusal(tasks: number): Error | undefined;
  /** Registers a call again that has left. Throws as `enter`, except that a closed pool still accepts it while it works. */
  resume(call: Job): void;
  /** Unregisters a call, which submits no more tasks, for now or for good. */
  leave(call: Job): void;
  /** Encodes the arguments of a task for a worker of the pool. @throws InvalidArgumentError for values that cannot be sent */
  encode(args: readonly unknown[]): EncodedArguments;
  /** As {@link keepReferred}, for the pool's manager. */
  keep(args: EncodedArguments): (() => void) | undefined;
  /** Submits tasks. Each is settled once, unless its call is over before. */
  submit(chunk: TaskChunk): void;
  /** Drops the waiting tasks of a call; running ones continue to their end. */
  drop(call: Job): void;
  /** As `drop`, and cancels the running tasks. */
  cancel(call: Job, reason: unknown): void;
}

/** A call of a pool in progress: submits tasks, and receives their outcomes. */
export abstract class Job {
  /** Number of submitted tasks that have not ended; maintained by the dispatcher. */
  pending = 0;
  /** Milliseconds that a task may run. */
  readonly timeout: number | undefined;
  /** Place of its tasks among the ones that wait, lowest first. */
  readonly priority: number;
  /** Trace context of its caller; undefined outside of traces. */
  readonly traceContext: Uint8Array | undefined;
  readonly #signal: AbortSignal | undefined;
  readonly #aborted = (): void => this.stop(this.#signal!.reason);
  #over = false;
  /** Functions that release the objects referred to by a task's arguments, by position. */
  readonly #kept = new Map<number, () => void>();

  /** @param site call site of the program */
  constructor(
    protected readonly dispatcher: Dispatcher,
    options: TaskOptions,
    readonly site: Site,
  ) {
    const { signal, timeout } = options;
    signal?.throwIfAborted();
    this.priority = priorityOf(options) ?? 0;
    this.timeout = timeoutMs('timeout', timeout) ?? dispatcher.timeout;
    this.traceContext = dispatcher.traceContext();
    dispatcher.enter(this);
    this.#signal = signal;
    if (signal !== undefined) dispatcher.aborts.add(signal, this.#aborted);
  }

  /** True once the outcomes of its tasks no longer matter. */
  get over(): boolean {
    return this.#over;
  }

  /** Records the outcome of a task. */
  settle(position: number, settled: Settled): void {
    this.#kept.get(position)?.();
    this.#kept.delete(position);
    this.settled(position, settled);
  }

  /** Handles the outcome of a task. */
  protected abstract settled(position: number, settled: Settled): void;

  /** Handles an early end of the call. */
  protected abstract stopped(reason: unknown): void;

  /** Ends the call early: it fails with the reason, and its running tasks are cancelled with it. */
  stop(reason: unknown): void {
    if (this.#over) return;
    this.#over = true;
    this.dispatcher.cancel(this, reason);
    this.#left();
    this.stopped(reason);
  }

  /** Ends the call normally; tasks still running continue to their end. */
  protected finish(): void {
    if (this.#over) return;
    this.#over = true;
    this.dispatcher.drop(this);
    this.#left();
  }

  /** Creates a task with these arguments. If they cannot be sent, settles it with the error and returns undefined. */
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
