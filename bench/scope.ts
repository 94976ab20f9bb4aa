import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The resources of one row while it runs: its processes, the directory of its sockets, and remarks for the report. */
export class Scope implements AsyncDisposable {
  /** Remarks for the report, such as a peer that is not on this machine. */
  readonly notes = new Set<string>();
  /** A private directory (mode 0700) for unix sockets. */
  readonly directory: string;
  readonly #endings: (() => Promise<unknown>)[] = [];

  private constructor(directory: string) {
    this.directory = directory;
    this.defer(() => rm(directory, { recursive: true, force: true }));
  }

  static async open(): Promise<Scope> {
    return new Scope(await mkdtemp(join(tmpdir(), 'commonhold-bench-')));
  }

  /** Registers a function to run when the row is over; the last one registered runs first. */
  defer(ending: () => Promise<unknown>): void {
    this.#endings.push(ending);
  }

  note(text: string): void {
    this.notes.add(text);
  }

  /** Ends everything, even if one ending fails, then throws the failures. */
  async [Symbol.asyncDispose](): Promise<void> {
    const failures: unknown[] = [];
    for (const ending of this.#endings.splice(0).reverse()) {
      try {
        await ending();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'a bench row did not end cleanly');
  }
}
