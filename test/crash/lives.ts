import { Program, type Exit } from '../support/program.js';
import { MAIN } from '../support/daemon.js';
import { fileURLToPath } from 'node:url';
import type { CrashPlan, Kill } from './plan.js';
import { tear } from './tear.js';

/** Time after which a life whose failpoint is not passed is ended from outside, in milliseconds, unless its plan is patient. */
const LONGEST_LIFE_MS = 8_000;
const TYPES = new URL('types.js', import.meta.url);

/** One life of the daemon, from its start to its kill. */
export interface Life {
  readonly kill: Kill;
  /** The failpoint at which it ended, or `from outside`, or `while starting`. */
  readonly ended: string;
  /** Milliseconds from its start until it listened; undefined if it never did. */
  readonly startMs: number | undefined;
  /** A time at which it lived: just before the signal, or when a user had the last answer. */
  readonly killedAt: number;
  /** Time at which its end was known. */
  readonly endedAt: number;
  /** Bytes that were torn after it. */
  readonly torn: number;
}

/** The users of a daemon, as its lives see them. */
export interface LivesEvents {
  /** The daemon listens. */
  listening(): void;
  /** Resolves when the users have had this number of further answers, or after a while in which they all wait. */
  answers(count: number): Promise<void>;
  /** Time of the last answer of a daemon. */
  lastAnswer(): number;
  /** A life has ended. */
  lived(life: Life): void;
  /** The daemon did something that it must not: it refused to start, or ended by itself. */
  violated(what: string): void;
}

/** The lives of a daemon: it is started, killed as the plan says, and started again on the same directory and address. */
export class Lives {
  readonly past: Life[] = [];
  #program: Program | undefined;

  constructor(
    private readonly plan: CrashPlan,
    readonly directory: string,
    readonly address: string,
    private readonly events: LivesEvents,
  ) {}

  /** Lives through the kills of the plan. Returns false if the daemon did not go on. */
  async run(begin: (kill: Kill | undefined) => void): Promise<boolean> {
    for (const kill of this.plan.kills) {
      begin(kill);
      const life = await this.#live(kill);
      if (life === undefined) return false;
      this.past.push(life);
      this.events.lived(life);
    }
    begin(undefined);
    const last = this.#start(undefined);
    const exit = await Promise.race([last.said(LISTENS), last.exited]);
    if ('code' in exit) {
      this.#refused(exit);
      return false;
    }
    this.events.listening();
    return true;
  }

  async #live(kill: Kill): Promise<Life | undefined> {
    const begin = performance.now();
    const program = this.#start(kill);
    let startMs: number | undefined;
    const listening = program.said(LISTENS).then(
      () => {
        startMs = performance.now() - begin;
        this.events.listening();
      },
      // Its exit says why.
      () => {},
    );
    let killedAt = Infinity;
    const end = (): void => {
      killedAt = performance.now();
      void program.kill('SIGKILL');
    };
    const due = kill.what === 'starting' ? pause(kill.ms) : listening.then(() => this.#due(kill));
    const outside = await Promise.race([due.then(() => true), program.exited.then(() => false)]);
    if (outside) end();
    const exit = await program.exited;
    const endedAt = performance.now();
    const byItself = !outside && kill.what !== 'failpoint';
    if (exit.signal !== 'SIGKILL' || byItself) {
      this.#refused(exit);
      return undefined;
    }
    const fromOutside = startMs === undefined ? 'while starting' : 'from outside';
    const ended = outside || kill.what !== 'failpoint' ? fromOutside : kill.name;
    const tears = kill.what === 'failpoint' && kill.tears && !outside && startMs !== undefined;
    const torn = tears ? tear(this.directory, this.plan.seed + this.past.length) : 0;
    return { kill, ended, startMs, killedAt: outside ? killedAt : this.events.lastAnswer(), endedAt, torn };
  }

  /** Resolves when a daemon is to be killed from outside. */
  async #due(kill: Kill): Promise<void> {
    if (kill.what === 'failpoint') return this.plan.patient ? new Promise(() => {}) : pause(LONGEST_LIFE_MS);
    if (kill.what === 'starting') return;
    await this.events.answers(kill.answers);
    await pause(kill.ms);
  }

  #start(kill: Kill | undefined): Program {
    const { durability, snapshotAfter } = this.plan;
    const options = ['--durability', durability, '--snapshot-after', String(snapshotAfter), '--register', TYPES.href];
    const parameters = ['serve', '--listen', this.address, '--data-dir', this.directory, ...options];
    const variables = kill?.what === 'failpoint' ? { COMMONHOLD_FAILPOINTS: `${kill.name}=kill@${kill.at}` } : {};
    return (this.#program = Program.node(fileURLToPath(MAIN), parameters, variables));
  }

  #refused({ code, signal, stderr }: Exit): void {
    this.events.violated(`the daemon ended with ${code ?? signal}: ${stderr}`);
  }

  /** Ends the last daemon in order. */
  async stop(): Promise<void> {
    const exit = await this.#program?.kill('SIGTERM');
    if (exit !== undefined && exit.code !== 0 && exit.signal !== 'SIGKILL') this.#refused(exit);
  }
}

const LISTENS = /^commonhold \S+ listens on (.+)\n/m;

function pause(ms: number): Promise<void> {
  // A timer of a life that has ended must not keep the program.
  return new Promise((resolve) => void setTimeout(resolve, ms).unref());
}
