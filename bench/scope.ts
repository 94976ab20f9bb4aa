import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What one row owns while it runs: its processes, its sockets' directory, and remarks for the report. */
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

  /** Runs when the row is over; the last one deferred runs first. */
  defer(ending: () => Promise<unknown>): void {
    this.#endings.push(ending);
  }

  note(text: string): void {
    this.notes.add(text);
  }

  /** Ends everything, also after one ending failed, then reports the failures. */
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
