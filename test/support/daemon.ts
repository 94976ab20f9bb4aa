import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Program, type Exit } from './program.js';

/** The program that the package installs. */
export const MAIN = new URL('../../../lib/server/main.js', import.meta.url);

/** A directory of one test, gone with it. */
export class Temporary implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'commonhold-test-'));

  join(...parts: string[]): string {
    return join(this.path, ...parts);
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Has a process collect its garbage before it tells its memory, so that what it tells is what it keeps. */
export const COLLECTS_GARBAGE: NodeJS.ProcessEnv = {
  NODE_OPTIONS: `--expose-gc --import data:text/javascript,${encodeURIComponent(
    'const { memoryUsage } = process; process.memoryUsage = () => (gc(), memoryUsage());',
  )}`,
};

/** `commonhold` with these parameters, from start to end. */
export function commonhold(parameters: readonly string[], variables: NodeJS.ProcessEnv = {}): Promise<Exit> {
  return Program.node(MAIN, parameters, variables).exited;
}

/** `commonhold serve` in a process of its own. */
export class Daemon implements AsyncDisposable {
  private constructor(
    readonly program: Program,
    readonly addresses: readonly string[],
  ) {}

  /** Starts one, and waits until it says where it listens. By default: one free port of TCP. */
  static async serve(flags: readonly string[] = ['--listen', '127.0.0.1:0'], variables: NodeJS.ProcessEnv = {}): Promise<Daemon> {
    const program = Program.node(MAIN, ['serve', ...flags], variables);
    const [, addresses] = await program.said(/^commonhold \S+ listens on (.+)\n/m);
    return new Daemon(program, addresses!.split(', '));
  }

  get address(): string {
    return this.addresses[0]!;
  }

  get pid(): number {
    return this.program.pid;
  }

  /** Ends it in order. */
  stop(): Promise<Exit> {
    return this.program.kill('SIGTERM');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.program[Symbol.asyncDispose]();
  }
}
