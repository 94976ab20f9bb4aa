import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onSmallDisk } from './mounts.js';
import { Program, type Exit } from './program.js';

/** The program that the package installs. */
export const MAIN = new URL('../../../lib/cli/main.js', import.meta.url);

/** A directory for one test, removed at its end. */
export class Temporary implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'commonhold-test-'));

  join(...parts: string[]): string {
    return join(this.path, ...parts);
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Environment in which a process collects its garbage before it reports its memory, so that the report has only live memory. */
export const COLLECTS_GARBAGE: NodeJS.ProcessEnv = {
  NODE_OPTIONS: `--expose-gc --import data:text/javascript,${encodeURIComponent(
    'const { memoryUsage } = process; process.memoryUsage = () => (gc(), memoryUsage());',
  )}`,
};

/** Runs `commonhold` with these parameters to its end. @param input standard input: a text, or an open file. Default: none */
export function commonhold(parameters: readonly string[], variables: NodeJS.ProcessEnv = {}, input?: string | number): Promise<Exit> {
  return Program.node(MAIN, parameters, variables, input).exited;
}

/** `commonhold serve` in a process of its own. */
export class Daemon implements AsyncDisposable {
  private constructor(
    readonly program: Program,
    readonly addresses: readonly string[],
  ) {}

  /** Starts a daemon, and waits until it prints its addresses. By default it listens on a free port of TCP. */
  static serve(flags: readonly string[] = ['--listen', '127.0.0.1:0'], variables: NodeJS.ProcessEnv = {}): Promise<Daemon> {
    return Daemon.#ready(Program.node(MAIN, ['serve', ...flags], variables));
  }

  /** Starts a daemon with its data on a disk of that size. */
  static serveOnSmallDisk(directory: string, kibibytes: number): Promise<Daemon> {
    const flags = ['--listen', '127.0.0.1:0', '--data-dir', directory];
    return Daemon.#ready(new Program(...onSmallDisk(directory, kibibytes, [process.execPath, fileURLToPath(MAIN), 'serve', ...flags])));
  }

  static async #ready(program: Program): Promise<Daemon> {
    const [, addresses] = await program.said(/^commonhold \S+ listens on (.+)\n/m);
    return new Daemon(program, addresses!.split(', '));
  }

  get address(): string {
    return this.addresses[0]!;
  }

  get pid(): number {
    return this.program.pid;
  }

  /** Stops it gracefully. */
  stop(): Promise<Exit> {
    return this.program.kill('SIGTERM');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.program[Symbol.asyncDispose]();
  }
}
