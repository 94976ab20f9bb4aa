import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Exit and output of a process. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

const NOT_INHERITED = /^(COMMONHOLD_|NODE_OPTIONS$|NODE_ENV$|JEST_)/;

/** The environment for programs of tests: without jest's settings and the address of a manager. */
export function environment(variables: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !NOT_INHERITED.test(name));
  return { ...Object.fromEntries(inherited), ...variables };
}

/** The child processes that run. */
const running = new Set<ChildProcess>();

process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A child process with its output. It is killed when disposed, and when this process ends in order, if it still runs. */
export class Program implements AsyncDisposable {
  readonly #child: ChildProcess;
  #stdout = '';
  #stderr = '';
  readonly exited: Promise<Exit>;
  readonly #listeners = new Set<() => void>();
  #exit: Exit | undefined;

  /** @param input standard input: a text, or an open file. Default: none */
  constructor(command: string, parameters: readonly string[], variables: NodeJS.ProcessEnv = {}, input?: string | number) {
    const stdin = typeof input === 'string' ? 'pipe' : (input ?? 'ignore');
    this.#child = spawn(command, parameters, { env: environment(variables), stdio: [stdin, 'pipe', 'pipe'] });
    running.add(this.#child);
    // The program may end before it has read everything.
    if (typeof input === 'string') this.#child.stdin!.on('error', () => {}).end(input);
    this.#child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
      this.#changed();
    });
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
      this.#changed();
    });
    this.exited = new Promise((resolve, reject) => {
      this.#child.on('error', reject);
      this.#child.on('close', (code, signal) => {
        running.delete(this.#child);
        this.#exit = { code, signal, stdout: this.#stdout, stderr: this.#stderr };
        resolve(this.#exit);
        this.#changed();
      });
    });
  }

  /** Runs a built JavaScript file in a Node process. */
  static node(file: URL | string, parameters: readonly string[] = [], variables: NodeJS.ProcessEnv = {}, input?: string | number): Program {
    return new Program(process.execPath, [typeof file === 'string' ? file : fileURLToPath(file), ...parameters], variables, input);
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** Resolves with the match of the pattern in its output, as soon as it is there. */
  said(pattern: RegExp): Promise<RegExpExecArray> {
    return this.#wrote(pattern, () => this.#stdout);
  }

  /** As {@link said}, for standard error. */
  complained(pattern: RegExp): Promise<RegExpExecArray> {
    return this.#wrote(pattern, () => this.#stderr);
  }

  #wrote(pattern: RegExp, output: () => string): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const found = pattern.exec(output());
        if (found) resolve(found);
        else if (this.#exit) reject(new Error(`ended without writing ${pattern}: ${JSON.stringify(this.#exit)}`));
        else return;
        this.#listeners.delete(look);
      };
      this.#listeners.add(look);
      look();
    });
  }

  kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<Exit> {
    this.#child.kill(signal);
    return this.exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#exit === undefined) await this.kill();
  }

  #changed(): void {
    for (const look of [...this.#listeners]) look();
  }
}
