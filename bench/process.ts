import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { compiledFile, sourceFile } from './machine.js';
import { parseAnswer, type RoundAnswer, type RoundRequest } from './rounds.js';
import type { Scope } from './scope.js';

const STARTING_MS = 30_000;
/** Time after which a round counts as hung, in addition to its requested duration. */
const PATIENCE_MS = 60_000;
const ENDING_MS = 5_000;

/** A command to run. */
export interface Command {
  readonly file: string;
  readonly args?: readonly string[];
  /** Added to the environment, because arguments are visible in the list of processes. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** A process that measures rounds on command, by the protocol of `rounds.ts`. */
export class MeasuringProcess {
  readonly #name: string;
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  #waiting: Waiting | undefined;
  /** Why no more answers will arrive. */
  #ended: string | undefined;

  private constructor(name: string, executable: string, { file, args = [], environment = {} }: Command) {
    this.#name = name;
    this.#child = spawn(executable, [file, ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, ...environment },
    });
    this.#child.on('error', (error) => this.#end(error.message));
    this.#child.on('exit', (code, signal) => this.#end(`ended by itself (${signal ?? code})`));
    // Ignores failed writes to a process that just died: the exit event reports it.
    this.#child.stdin.on('error', () => undefined);
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.#hear(line));
  }

  /** Starts the process and waits until it is ready. The scope ends it. */
  static async start(scope: Scope, executable: string, command: Command): Promise<MeasuringProcess> {
    const started = new MeasuringProcess(command.file, executable, command);
    scope.defer(() => started.stop());
    await started.#answer(STARTING_MS);
    return started;
  }

  /** Measures one round. */
  async round(request: RoundRequest): Promise<RoundAnswer> {
    const seconds = 'seconds' in request ? request.seconds : 0;
    const answer = this.#answer(PATIENCE_MS + seconds * 1000);
    this.#child.stdin.write(`${JSON.stringify(request)}\n`);
    const said = await answer;
    if ('ready' in said) throw new Error(`${this.#name} said that it was ready, not what it measured`);
    return said;
  }

  /** Ends the process by ending its input, and kills it if that fails. */
  async stop(): Promise<void> {
    if (this.#ended !== undefined) return;
    const ended = once(this.#child, 'exit');
    const kill = setTimeout(() => this.#child.kill('SIGKILL'), ENDING_MS);
    this.#child.stdin.end();
    await ended;
    clearTimeout(kill);
  }

  async #answer(milliseconds: number): Promise<Said> {
    if (this.#ended !== undefined) throw new Error(`${this.#name} ${this.#ended}`);
    const said = new Promise<Said>((resolve, reject) => (this.#waiting = { resolve, reject }));
    const timer = setTimeout(() => this.#fail(`said nothing for ${milliseconds} ms`), milliseconds);
    try {
      return await said;
    } finally {
      clearTimeout(timer);
      this.#waiting = undefined;
    }
  }

  #hear(line: string): void {
    const said = parseAnswer(line);
    if (said === undefined) process.stderr.write(`${this.#name}: ${line}\n`);
    else if ('error' in said) this.#fail(`failed: ${said.error}`);
    else this.#waiting?.resolve(said);
  }

  #end(reason: string): void {
    this.#ended ??= reason;
    this.#fail(reason);
  }

  #fail(reason: string): void {
    this.#waiting?.reject(new Error(`${this.#name} ${reason}`));
  }
}

type Said = { ready: true } | RoundAnswer;

interface Waiting {
  readonly resolve: (said: Said) => void;
  readonly reject: (error: Error) => void;
}

/** Starts a Node process with a compiled file of the bench. */
export function startNode(scope: Scope, command: Command): Promise<MeasuringProcess> {
  return MeasuringProcess.start(scope, process.execPath, {
    ...command,
    file: compiledFile(command.file),
  });
}

/** Starts several of the same. */
export function startNodes(scope: Scope, count: number, command: Command): Promise<MeasuringProcess[]> {
  return Promise.all(Array.from({ length: count }, () => startNode(scope, command)));
}

/** Starts a Python process with a file in `bench/peers`. */
export function startPython(scope: Scope, command: Command): Promise<MeasuringProcess> {
  return MeasuringProcess.start(scope, 'python3', {
    ...command,
    file: sourceFile(`bench/peers/${command.file}`),
    // Keeps byte code out of the source tree.
    environment: { ...command.environment, PYTHONDONTWRITEBYTECODE: '1' },
  });
}
