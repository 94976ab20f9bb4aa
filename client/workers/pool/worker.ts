import { TimeoutError, WorkerDiedError } from '../../../proto/errors.js';
import { placed, type Site } from '../../call-site.js';
import { Timer } from '../../../proto/timer.js';
import { AdaptiveBatchSize } from '../../pace.js';
import type { EncodedArguments } from '../../shared/shared-memory.js';
import type { Job, TaskChunk, Settled, Task } from './job.js';
import { identityOf } from '../current.js';
import { failureOf } from '../failure.js';
import { decodeValue, type BatchOutcomes, type FromWorker, type TaskOutcome, type Start } from '../messages.js';
import type { NamedModule } from '../module.js';
import type { WorkerManager } from '../owner.js';
import { GRACE_MS, type SpawnOptions, type WorkerBackend, type WorkerKind } from '../backend.js';
import { encodeThrown } from '../thrown.js';
import type { LostTask, PoolOutput, PoolWorkerDeath } from './events.js';
import type { PoolWorkerInfo, PoolWorkerState } from './stats.js';

/** Maximum number of tasks sent to a worker in one message. */
const MOST_TOGETHER = 256;

/** Longest time of a timer of Node, in milliseconds: 24 days. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Settings shared by all workers of a pool. */
export interface PoolSetup {
  readonly owner: WorkerManager;
  readonly name: string;
  readonly module: NamedModule;
  /** Arguments of `initialize`. */
  readonly initializer: EncodedArguments | undefined;
  readonly maxTasks: number;
  /** Bytes of memory above which a worker is replaced after a task; undefined for no limit. */
  readonly maxMemory: number | undefined;
  /** Milliseconds that a cancelled task has to end; undefined for no limit. */
  readonly abortGraceMs: number | undefined;
  readonly spawnOptions: SpawnOptions;
  readonly kind: WorkerKind;
}

/** Events of a worker for its scheduler. */
export interface PoolWorkerEvents {
  started(worker: PoolWorker): void;
  /** The worker is idle: it has just started, or finished its chunk. */
  free(worker: PoolWorker): void;
  settled(call: Job, task: Task, settled: Settled): void;
  /** A task returned or threw, after it had waited and run for these milliseconds. */
  ran(waitedMs: number, ranMs: number): void;
  /** The worker died while it ran the task. */
  lost(call: Job, task: Task, error: WorkerDiedError): void;
  /** Tasks that the worker will not start. */
  gaveBack(chunk: TaskChunk): void;
  /** The worker cannot start, and neither can any other of the pool. */
  refused(thrown: unknown): void;
  wrote(output: PoolOutput): void;
  /** The worker ended without having been told to; `gone` follows. */
  died(death: PoolWorkerDeath): void;
  gone(worker: PoolWorker, signal: string | undefined): void;
}

/** A batch of tasks that was sent to a worker. */
interface SentBatch {
  readonly id: number;
  readonly call: Job;
  readonly size: number;
  /** The tasks that have not ended; the first one is running. */
  tasks: Task[];
  /** Milliseconds from the submission of the first of them to its start. */
  waitedMs: number;
  /** True if the worker reports each outcome before it starts the next task. */
  stepwise: boolean;
  cancelled: boolean;
  /** True if the message did not reach the worker. */
  undelivered: boolean;
  timer: Timer | undefined;
}

/** A pool's worker, on the side of the scheduler. */
export class PoolWorker {
  readonly name: string;
  /** True once the worker was ready for tasks. */
  started = false;
  /** Number of tasks done. */
  done = 0;
  /** Reading of the process's clock when the worker was last idle, in milliseconds. */
  idleSince = 0;
  #state: PoolWorkerState = 'starting';
  readonly #backend: WorkerBackend;
  readonly #batchSize = new AdaptiveBatchSize(MOST_TOGETHER);
  #chunk: TaskChunk | undefined;
  #batch: SentBatch | undefined;
  #batches = 0;
  /** Kills the worker if it does not end in time. */
  #grace: NodeJS.Timeout | undefined;
  #failure: Error | undefined;

  constructor(
    private readonly setup: PoolSetup,
    private readonly events: PoolWorkerEvents,
  ) {
    this.#backend = setup.kind.launch(setup.spawnOptions, {
      message: (message) => this.#told(message),
      failed: (error) => {
        this.#failure = error;
        return this.tasks > 0;
      },
      output: (stream, line) => this.events.wrote({ worker: this.info, stream, line }),
      exited: (code, signal) => this.#gone(code, signal),
    });
    this.name = `${setup.name}:${this.#backend.pid ?? this.#backend.threadId}`;
    const { module, owner, initializer: args, maxMemory } = setup;
    const start = {
      kind: 'pool',
      identity: identityOf(this.name, module.url, true),
      address: owner.address,
      credentials: owner.credentials,
      telemetry: owner.tracer !== undefined,
      args,
      maxMemory,
    } as const;
    if (args === undefined) this.#backend.send({ start });
    else void this.#startPrepared(start);
  }

  /** Starts the worker once it can find the objects that the arguments of `initialize` refer to. */
  async #startPrepared(start: Start): Promise<void> {
    try {
      await this.setup.owner.prepared();
      this.#backend.send({ start });
    } catch (error) {
      this.events.refused(error);
    }
  }

  get pid(): number | undefined {
    return this.#backend.pid;
  }

  get threadId(): number | undefined {
    return this.#backend.threadId;
  }

  get state(): PoolWorkerState {
    return this.#state;
  }

  get info(): PoolWorkerInfo {
    const { name, pid, threadId, state, done } = this;
    return { name, pid, threadId, state, done };
  }

  /** True while it runs tasks, cancelled ones included. */
  get works(): boolean {
    return this.#batch !== undefined;
  }

  /** Number of its tasks that have not ended and whose call is not over. */
  get tasks(): number {
    if (this.#batch === undefined || this.#batch.call.over) return 0;
    return this.#batch.tasks.length + (this.#chunk?.left ?? 0);
  }

  /** Sets whether this worker keeps the program alive. */
  hold(held: boolean): void {
    if (held) this.#backend.ref();
    else this.#backend.unref();
  }

  /** Runs a chunk. The worker must be idle. */
  assign(chunk: TaskChunk): void {
    this.#state = 'busy';
    this.#chunk = chunk;
    this.#sendNext();
  }

  /** Cancels the tasks of a call. */
  cancel(call: Job, reason: unknown): void {
    if (this.#batch?.call !== call) return;
    this.#chunk = undefined;
    this.#cancel(this.#batch, reason);
  }

  /** Ends the worker in order. It must have no task of an unfinished call. */
  end(): void {
    const before = this.#state;
    this.#state = 'ending';
    // A busy worker, which runs a cancelled task, is told at the end of its batch.
    if (before === 'idle') this.#tellEnd();
    else if (before === 'starting') this.terminate();
  }

  /** Ends the worker now, even if it is busy. An idle process ends on its own, after its output is written. */
  terminate(): void {
    if (this.#state === 'idle' && this.pid !== undefined) {
      this.end();
      return;
    }
    this.#state = 'ending';
    this.#backend.terminate();
    this.#killLater(GRACE_MS);
  }

  #told(message: FromWorker): void {
    if ('outcomes' in message) this.#outcomes(message);
    else if ('refused' in message) this.events.refused(failureOf(this.setup.owner, message.refused, {}));
    else if ('ready' in message) this.#ready();
  }

  #ready(): void {
    this.started = true;
    if (this.#state !== 'starting') return;
    this.#free();
    this.events.started(this);
  }

  #free(): void {
    this.#state = 'idle';
    this.idleSince = performance.now();
    this.#chunk = undefined;
    this.events.free(this);
  }

  #sendNext(): void {
    const chunk = this.#chunk!;
    const { call } = chunk;
    // A task with a time limit is sent alone, so that its time starts when it is sent. So is one with moved parts, which cannot be sent again.
    const alone = call.timeout !== undefined || chunk.moves;
    const most = alone ? 1 : Math.min(this.#batchSize.size, this.setup.maxTasks - this.done);
    const tasks = chunk.take(most);
    const batch: SentBatch = {
      id: ++this.#batches,
      call,
      size: tasks.length,
      tasks,
      waitedMs: performance.now() - chunk.submittedAt,
      stepwise: tasks.length === 1,
      cancelled: false,
      undelivered: false,
      timer: undefined,
    };
    if (call.timeout !== undefined) batch.timer = new Timer(call.timeout, () => this.#late(batch));
    this.#batch = batch;
    this.#batchSize.arrived();
    const message = { batch: batch.id, items: tasks.map((task) => task.args), traceContext: call.traceContext };
    this.#backend.send(message, () => (batch.undelivered = true));
  }

  #outcomes({ batch: id, outcomes, ran, last, full }: BatchOutcomes): void {
    const batch = this.#batch;
    if (batch?.id !== id) return;
    batch.stepwise = true;
    this.done += outcomes.length;
    for (const [index, outcome] of outcomes.entries()) {
      const task = batch.tasks.shift();
      // The tasks of a cancelled batch were settled already.
      if (task === undefined) break;
      this.events.ran(batch.waitedMs, ran[index]!);
      batch.waitedMs += ran[index]!;
      this.events.settled(batch.call, task, settledOf(this.setup.owner, outcome, batch.call.site));
    }
    if (last) this.#workedOff(batch, full);
  }

  /** @param full true if the worker uses too much memory, and has not started the rest of the batch */
  #workedOff(batch: SentBatch, full: boolean): void {
    this.#forget(batch);
    if (this.#state === 'ending') {
      this.#tellEnd();
      return;
    }
    if (!batch.cancelled) this.#batchSize.workedOff(batch.size);
    const chunk = this.#chunk;
    if (full || this.done >= this.setup.maxTasks) {
      this.#state = 'ending';
      this.#tellEnd();
      this.#giveBack(chunk?.rest(batch.tasks));
    } else if (chunk !== undefined && chunk.left > 0 && !chunk.call.over) {
      this.#sendNext();
    } else {
      this.#free();
    }
  }

  /** Fails the current task, which took too long, and gives back the rest of its chunk, so that other workers run it. */
  #late(batch: SentBatch): void {
    const [task] = batch.tasks;
    const error = new TimeoutError(`the task runs longer than ${batch.call.timeout} ms`, { mayHaveExecuted: true });
    const rest = this.#chunk;
    this.#chunk = undefined;
    this.#cancel(batch, error);
    this.#giveBack(rest);
    this.events.settled(batch.call, task!, { error: placed(error, batch.call.site) });
  }

  #cancel(batch: SentBatch, reason: unknown): void {
    batch.tasks = [];
    batch.cancelled = true;
    batch.timer?.stop();
    this.#backend.send({ cancel: batch.id, reason: encodeThrown(reason) });
    this.#killLater(this.setup.abortGraceMs);
  }

  #giveBack(rest: TaskChunk | undefined): void {
    if (rest !== undefined && rest.left > 0 && !rest.call.over) this.events.gaveBack(rest);
  }

  /** The batch has ended. */
  #forget(batch: SentBatch): void {
    batch.timer?.stop();
    clearTimeout(this.#grace);
    this.#grace = undefined;
    this.#batch = undefined;
  }

  #tellEnd(): void {
    this.#backend.send({ end: true });
    this.#killLater(GRACE_MS);
  }

  /** Kills the worker after some time, unless that was decided before. The timer does not keep the program alive. */
  #killLater(ms: number | undefined): void {
    if (ms !== undefined) this.#grace ??= setTimeout(() => this.#backend.kill(), Math.min(ms, LONGEST_TIMER_MS)).unref();
  }

  #gone(code: number | undefined, signal: NodeJS.Signals | undefined): void {
    clearTimeout(this.#grace);
    const batch = this.#batch;
    const lost = batch === undefined ? [] : this.#lose(batch, signal ?? (code === undefined ? undefined : `code ${code}`));
    if (this.#state !== 'ending') {
      const tasks = lost.map((task) => lostTask(this.setup.owner, task));
      this.events.died({ worker: this.info, exitCode: code, exitSignal: signal, cause: this.#failure, tasks });
    }
    this.events.gone(this, signal);
  }

  /** Fails the tasks that had started, which it returns, and gives back the rest for other workers. */
  #lose(batch: SentBatch, end: string | undefined): Task[] {
    batch.timer?.stop();
    const begun = batch.undelivered ? [] : batch.stepwise ? batch.tasks.slice(0, 1) : batch.tasks;
    this.#giveBack(this.#chunk?.rest(batch.tasks.slice(begun.length)));
    for (const task of begun) {
      const message = `${this.name} ended${end === undefined ? '' : ` with ${end}`} before it gave the result of this task`;
      const error = new WorkerDiedError(message, { mayHaveExecuted: true, cause: this.#failure });
      this.events.lost(batch.call, task, placed(error, batch.call.site));
    }
    return begun;
  }
}

function lostTask(owner: WorkerManager, { position, args }: Task): LostTask {
  return {
    inputIndex: position,
    get args() {
      return decodeValue(owner, args) as unknown[];
    },
  };
}

function settledOf(owner: WorkerManager, outcome: TaskOutcome, site: Site): Settled {
  if ('error' in outcome) return { error: failureOf(owner, outcome.error, site) };
  try {
    return { value: decodeValue(owner, outcome.result) };
  } catch (error) {
    // The result contains a value that this process cannot decode, such as an instance of an unregistered class.
    return { error };
  }
}
