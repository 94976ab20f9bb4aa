import { basename, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { TimeoutError, WorkerDiedError } from '../../proto/errors.js';
import { encodePayload } from '../../proto/codec/payload.js';
import type { Owner } from './owner.js';
import { milliseconds, type WaitOptions } from '../wait.js';
import type { WorkerHandle } from './handle.js';
import { decodeResult, encodeTask, type Outcome, type Task } from './messages.js';

/** A child process or a thread, as the handle needs it. */
export interface Vessel {
  readonly pid: number | undefined;
  readonly threadId: number | undefined;
  start(task: Task): void;
  terminate(): void;
  kill(): void;
}

/** What a vessel reports. */
export interface VesselEvents {
  outcome(outcome: Outcome): void;
  failed(error: Error): void;
  exited(code: number | undefined, signal: string | undefined): void;
}

/** A worker's handle, whatever carries it. */
export class RunningWorker<R> implements WorkerHandle<R> {
  readonly name: string;
  readonly result: Promise<R>;
  exitCode: number | undefined;
  exitSignal: string | undefined;
  readonly #vessel: Vessel;
  readonly #exited: Promise<void>;
  #alive = true;

  constructor(owner: Owner, module: URL | string, args: readonly unknown[], launch: (events: VesselEvents) => Vessel) {
    const url = moduleUrl(module);
    // Encoded before anything starts: what cannot travel throws here, and later changes do not show.
    const encoded = encodePayload(args);
    const result = deferred<R>();
    const exited = deferred<void>();
    result.promise.catch(() => {});
    this.result = result.promise;
    this.#exited = exited.promise;
    this.#vessel = launch({
      outcome: (outcome) => {
        if ('result' in outcome) result.resolve(decodeResult(owner, outcome.result) as R);
        else result.reject(decodeResult(owner, outcome.error));
      },
      failed: (error) => result.reject(new WorkerDiedError(`${this.name} failed: ${error.message}`, { cause: error })),
      exited: (code, signal) => {
        this.#alive = false;
        this.exitCode = code;
        this.exitSignal = signal;
        result.reject(new WorkerDiedError(`${this.name} ended with ${signal ?? `code ${code}`} before it gave a result`));
        exited.resolve();
      },
    });
    this.name = `${basename(fileURLToPath(url))}:${this.#vessel.pid ?? this.#vessel.threadId}`;
    encodeTask(owner, url, encoded).then(
      (task) => this.#vessel.start(task),
      (error: unknown) => {
        result.reject(error);
        this.#vessel.kill();
      },
    );
  }

  get pid(): number | undefined {
    return this.#vessel.pid;
  }

  get threadId(): number | undefined {
    return this.#vessel.threadId;
  }

  get isAlive(): boolean {
    return this.#alive;
  }

  async join({ timeout, signal }: WaitOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    const ms = milliseconds('timeout', timeout);
    if (!this.#alive) return;
    const ended = deferred<void>();
    const abort = (): void => ended.reject(signal!.reason);
    signal?.addEventListener('abort', abort, { once: true });
    const late = (): void => ended.reject(new TimeoutError(`${this.name} still runs after ${ms} ms`));
    const timer = ms === undefined ? undefined : setTimeout(late, Math.min(ms, 2 ** 31 - 1));
    try {
      await Promise.race([this.#exited, ended.promise]);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    }
  }

  terminate(): Promise<void> {
    if (this.#alive) this.#vessel.terminate();
    return this.#exited;
  }

  kill(): Promise<void> {
    if (this.#alive) this.#vessel.kill();
    return this.#exited;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.terminate();
  }
}

interface Deferred<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(error: unknown): void;
}

/** Promise.withResolvers, which Node 20 has not. */
function deferred<T>(): Deferred<T> {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

function moduleUrl(module: URL | string): string {
  if (module instanceof URL) return module.href;
  return module.startsWith('file:') ? module : pathToFileURL(resolve(module)).href;
}
