import { InvalidArgumentError as BadOption } from 'commander';
import { ManagerUnavailableError, NotFoundError, PermissionDeniedError, QueueEmptyError, UnauthenticatedError } from '../proto/errors.js';

/** Codes with which commands end; docs/command-line.md describes them. */
export const EXIT = { failed: 1, absent: 3, unavailable: 4, refused: 5, usage: 64, closed: 141 } as const;

/** Ends the program with an error, and the code of its kind. */
export function fail(error: unknown): never {
  process.stderr.write(`commonhold: ${(error as Error).message}\n`);
  process.exit(exitCode(error));
}

export function exitCode(error: unknown): number {
  if (error instanceof NotFoundError || error instanceof QueueEmptyError) return EXIT.absent;
  if (error instanceof ManagerUnavailableError) return EXIT.unavailable;
  if (error instanceof UnauthenticatedError || error instanceof PermissionDeniedError) return EXIT.refused;
  return EXIT.failed;
}

/** Returns the action of a command: a function of a module, which is loaded when the command runs. It gets the arguments and the flags. */
export function lazily<M, N extends keyof M>(
  load: () => Promise<M>,
  name: M[N] extends (...args: never[]) => Promise<void> ? N : never,
): (...args: unknown[]) => Promise<void> {
  return async (...args) => {
    endWithReader();
    try {
      const run = (await load())[name] as (...args: unknown[]) => Promise<void>;
      // The last one is the command itself.
      await run(...args.slice(0, -1));
    } catch (error) {
      fail(error);
    }
  };
}

/** Ends the program, as a shell's own commands do, when the reader of its output has gone: `commonhold ls | head -1`. */
function endWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.closed);
    fail(new Error(`standard output: ${error.message}`));
  });
}

export function collect(value: string, earlier: string[] = []): string[] {
  return [...earlier, value];
}

export function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new BadOption('give a whole number');
  return Number(text);
}

export function number(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || Number.isNaN(value)) throw new BadOption('give a number');
  return value;
}
