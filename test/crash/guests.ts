import { fileURLToPath } from 'node:url';
import type { Call } from '../simulation/history.js';
import type { ObservedClient } from '../simulation/observed-client.js';
import { Program } from '../support/program.js';
import { drawing, type Draw } from '../support/random.js';
import { fromLines, type GuestOrder } from './guest-lines.js';
import type { CrashWorld } from './world.js';

const PROGRAM = fileURLToPath(new URL('guest.js', import.meta.url));
/** Number of the first guest among the clients of a world. */
const FIRST = 100;
/** Deeds that leave something behind when their process is killed. */
const DEEDS = ['lock', 'semaphore', 'delivery', 'queue', 'count', 'barrier'];

/** Clients in processes of their own, which are killed too: while the daemon lives, and while it does not. */
export class Guests {
  readonly #draw: Draw;
  readonly #processes: { readonly index: number; readonly program: Program }[] = [];
  #killed: Promise<unknown>[] = [];

  constructor(private readonly world: CrashWorld) {
    this.#draw = drawing(world.plan.seed + 1);
  }

  /** A daemon is about to start. Now and then the guest dies before it, or a while later, and another comes. */
  life(): void {
    if (this.#draw(3) > 0) return;
    const last = this.#processes.at(-1);
    if (this.#draw(2) === 0) this.#kill(last?.program);
    else setTimeout(() => this.#kill(last?.program), this.#draw(2_000)).unref();
    const index = FIRST + this.#processes.length;
    const { durability } = this.world.plan;
    const order: GuestOrder = { address: this.world.address, index, seed: this.#draw(1_000_000), deeds: DEEDS, durability };
    this.#processes.push({ index, program: Program.node(PROGRAM, [JSON.stringify(order)]) });
  }

  /** Number of processes so far. */
  get count(): number {
    return this.#processes.length;
  }

  #kill(program: Program | undefined): void {
    if (program !== undefined) this.#killed.push(program.kill('SIGKILL'));
  }

  /** Kills all guests, and adds their calls to the history. */
  async end(): Promise<void> {
    for (const { program } of this.#processes) this.#kill(program);
    await Promise.all(this.#killed);
    for (const { index, program } of this.#processes) {
      const { stdout, stderr } = await program.exited;
      if (stderr !== '') this.world.violated(`guest ${index}: ${stderr}`);
      this.#read(index, stdout);
    }
  }

  #read(index: number, stdout: string): void {
    const { history } = this.world;
    const calls: Call[] = [];
    for (const told of fromLines(stdout)) {
      if ('violated' in told) this.world.violated(`guest ${index}: ${told.violated}`);
      else if ('outcome' in told) Object.assign(calls[told.id]!, told);
      else calls[told.id] = { ...told, ...BEGUN, client: clientOf(index) };
    }
    for (const call of calls) history.begin(call);
  }
}

/** The rest of a call of a guest. Its times are checked nowhere. */
const BEGUN = {
  returned: Infinity,
  calledAt: 0,
  returnedAt: Infinity,
  dueAt: Infinity,
  knownAt: Infinity,
  outcome: 'pending' as const,
  result: undefined,
  error: undefined,
};

/** A client whose process has been killed. */
function clientOf(index: number): ObservedClient {
  const name = `guest ${index}`;
  return {
    index,
    plan: { leaseMs: Infinity, callTimeout: Infinity },
    loop: { name, alive: false, stoppedUntil: -Infinity },
    get manager(): never {
      throw new Error(`${name} was in another process`);
    },
    resumptions: 0,
    expiries: 0,
    closed: true,
  };
}
