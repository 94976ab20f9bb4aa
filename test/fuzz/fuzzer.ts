import { fileURLToPath } from 'node:url';
import { Temporary } from '../support/daemon.js';
import { Program, type Exit } from '../support/program.js';
import { Journal, type JournalEntry } from './journal.js';

const ENTRY = fileURLToPath(new URL('process-entry.js', import.meta.url));
/** Interval in milliseconds at which the journal is looked at. */
const LOOK_MS = 500;
/** Bytes of an input that a report shows. */
const SHOWN_BYTES = 600;

/** Figures of a run. */
export interface FuzzedFigures {
  inputs: number;
  /** The input that took longest. */
  slowest: { ms: number; seed: number; number: number };
  /** Largest resident size of the process at the end of a round. */
  residentBytes: number;
}

/** A run of inputs. */
export interface FuzzRun {
  /** The module of the target. */
  readonly module: URL;
  /** Of the first round. The next rounds have the next seeds. */
  readonly seed: number;
  /** Number of inputs, rounded up to whole rounds. */
  readonly inputs: number;
  /** Time in milliseconds after which an input hangs. */
  readonly hangMs: number;
  /** Heap limit of the process. An input that takes more crashes it. Default: 512 */
  readonly heapMebibytes?: number;
  /** Called twice a second with the inputs so far. */
  readonly progress?: (inputs: number) => void;
}

/** An input that made a target fail. */
export interface FuzzFailure {
  /** Seed of its round, with which the round fails again. */
  readonly seed: number;
  readonly report: string;
}

/** Gives inputs to a target in a process of its own. Returns its figures, or the input with which it failed, crashed or hung. */
export async function fuzz({ module, seed, inputs, hangMs, heapMebibytes = 512, progress }: FuzzRun): Promise<FuzzedFigures | FuzzFailure> {
  using directory = new Temporary();
  const path = directory.join('journal');
  using journal = new Journal(path, 'w+');
  const parameters = [ENTRY, module.href, String(seed), String(inputs), path];
  await using program = new Program(process.execPath, [`--max-old-space-size=${heapMebibytes}`, ...parameters]);
  const watch = new Watch(program, journal, hangMs, progress);
  const exit = await program.exited;
  watch.stop();
  if (exit.code === 0) return JSON.parse(exit.stdout) as FuzzedFigures;
  return failure(watch.hung ? `took more than ${hangMs / 1000} s` : causeOf(exit), seed, journal.read());
}

/** Kills a process that works on one input for too long. */
class Watch {
  hung = false;
  readonly #timer: NodeJS.Timeout;
  #inputs = -1;
  #since = 0;

  constructor(program: Program, journal: Journal, hangMs: number, progress: ((inputs: number) => void) | undefined) {
    this.#timer = setInterval(() => {
      const entry = journal.read();
      // The process is starting.
      if (entry === undefined) return;
      progress?.(entry.inputs);
      if (entry.inputs !== this.#inputs) {
        this.#inputs = entry.inputs;
        this.#since = performance.now();
      } else if (performance.now() - this.#since > hangMs) {
        this.hung = true;
        void program.kill();
      }
    }, LOOK_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

function causeOf({ stdout, stderr, code, signal }: Exit): string {
  return `${stdout}${stderr}`.trim() || `ended with ${signal ?? code}`;
}

function failure(cause: string, seed: number, entry: JournalEntry | undefined): FuzzFailure {
  if (entry === undefined) return { seed, report: `before the first input: ${cause}` };
  const { number, length, begin } = entry;
  const shown = begin.toString('hex', 0, SHOWN_BYTES);
  const rest = length > SHOWN_BYTES ? `… (${length} bytes)` : '';
  return { seed: entry.seed, report: `input ${number} of seed ${entry.seed}: ${cause}\n${shown}${rest}` };
}
