import { inspect } from 'node:util';
import { WorkerDiedError } from '../../proto/errors.js';
import { quoted } from '../../proto/given.js';
import { placed, type Site } from '../call-site.js';
import type { WaitOptions } from '../wait.js';
import type { EncodedArguments } from '../shared/shared-memory.js';
import { identityOf } from './current.js';
import { deferred } from './deferred.js';
import { failureOf } from './failure.js';
import type { WorkerHandle } from './handle.js';
import { joined } from './join.js';
import { keepReferred } from './keep.js';
import { decodeValue, type TaskOutcome } from './messages.js';
import type { NamedModule } from './module.js';
import { daemonicByDefault, spawnOptions, type WorkerOptions } from './options.js';
import type { WorkerManager } from './owner.js';
import type { WorkerBackend, WorkerKind } from './backend.js';

/** A worker that runs one call, in a process or a thread. */
export class RunningWorker<R> implements WorkerHandle<R> {
  readonly name: string;
  readonly daemonic: boolean;
  exitCode: number | undefined;
  exitSignal: string | undefined;
  readonly #backend: WorkerBackend;
  readonly #result = deferred<R>();
  readonly #exited = deferred<void>();
  #alive = true;
  #settled = false;
  /** True once the worker was sent its task. */
  #sent = false;
  readonly #owner: WorkerManager;
  readonly #module: NamedModule;
  readonly #site: Site;
  readonly #traceContext: Uint8Array | undefined;

  /** @param site the call site that starts it */
  constructor(owner: WorkerManager, module: NamedModule, args: readonly unknown[], options: WorkerOptions, site: Site, kind: WorkerKind) {
    this.#owner = owner;
    this.#module = module;
    this.#site = site;
    this.#traceContext = owner.tracer?.activeContext();
    // Encoded before the worker starts: arguments that cannot be sent throw here, and later changes to them have no effect.
    const encoded = kind.encode(args);
    this.#result.promise.catch(() => {}).finally(keepReferred(owner, encoded));
    this.daemonic = options.daemonic ?? daemonicByDefault();
    this.#backend = kind.launch(spawnOptions(owner, options), {
      message: (message) => {
        if ('outcome' in message) this.#end(message.outcome);
      },
      failed: (cause) => this.#fail(new WorkerDiedError(`${this.name} failed: ${cause.message}`, { cause, mayHaveExecuted: this.#sent })),
      output() {},
      exited: (code, signal) => this.#gone(code, signal),
    });
    this.name = options.name ?? `${module.name}:${this.#backend.pid ?? this.#backend.threadId}`;
    if (this.daemonic) this.#backend.unref();
    void this.#start(encoded);
  }

  get pid(): number | undefined {
    return this.#backend.pid;
  }

  get threadId(): number | undefined {
    return this.#backend.threadId;
  }

  get isAlive(): boolean {
    return this.#alive;
  }

  get result(): Promise<R> {
    this.#awaited();
    return this.#result.promise;
  }

  async join(options: WaitOptions = {}): Promise<void> {
    this.#awaited();
    await joined(this.name, this.#exited.promise, options);
  }

  terminate(): Promise<void> {
    this.#awaited();
    if (this.#alive) this.#backend.terminate();
    return this.#exited.promise;
  }

  kill(): Promise<void> {
    this.#awaited();
    if (this.#alive) this.#backend.kill();
    return this.#exited.promise;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.terminate();
  }

  /** Resolves when the worker has ended, for any reason. */
  get exited(): Promise<void> {
    return this.#exited.promise;
  }

  /** Returns the state in one line, as `console.log` shows it. */
  toString(): string {
    return this[inspect.custom]();
  }

  [inspect.custom](): string {
    const state = this.#alive ? 'running' : `ended with ${this.exitSignal ?? `code ${this.exitCode}`}`;
    return `WorkerHandle { ${quoted(this.name)}, ${state} }`;
  }

  /** Keeps the program alive while the worker runs, because the caller holds a promise that must settle. */
  #awaited(): void {
    if (this.#alive) this.#backend.ref();
  }

  /** Sends the task once other processes can find the objects that its arguments refer to. */
  async #start(args: EncodedArguments): Promise<void> {
    try {
      await this.#owner.prepared();
    } catch (error) {
      this.#result.reject(error);
      this.#backend.kill();
      return;
    }
    const identity = identityOf(this.name, this.#module.url, this.daemonic);
    const { address, credentials, tracer } = this.#owner;
    const start = { identity, address, credentials, telemetry: tracer !== undefined, traceContext: this.#traceContext, args };
    this.#sent = this.#alive;
    this.#backend.send({ start: { kind: 'task', ...start } });
  }

  #end(outcome: TaskOutcome): void {
    this.#settled = true;
    if ('error' in outcome) {
      this.#result.reject(failureOf(this.#owner, outcome.error, this.#site));
      return;
    }
    try {
      this.#result.resolve(decodeValue(this.#owner, outcome.result) as R);
    } catch (error) {
      // The result contains a value that this process cannot decode, such as an instance of an unregistered class.
      this.#result.reject(error);
    }
  }

  #gone(code: number | undefined, signal: string | undefined): void {
    this.#alive = false;
    this.exitCode = code;
    this.exitSignal = signal;
    this.#fail(
      new WorkerDiedError(`${this.name} ended with ${signal ?? `code ${code}`} before it gave a result`, { mayHaveExecuted: this.#sent }),
    );
    this.#exited.resolve();
  }

  /** Rejects the result, unless it is settled. Returns true if it was not. */
  #fail(error: WorkerDiedError): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    this.#result.reject(placed(error, this.#site));
    return true;
  }
}
