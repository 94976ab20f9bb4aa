import type { ObservedClient } from '../simulation/observed-client.js';
import type { DeedStep } from '../simulation/plan.js';
import { User } from '../simulation/user.js';
import { drawing, type Draw } from '../support/random.js';
import { until } from '../support/until.js';
import { bulk } from './deeds/data.js';
import { DEEDS } from './deeds/index.js';
import { Journal } from './journal.js';
import type { Kill } from './plan.js';
import type { CrashWorld } from './world.js';

const USERS_OF_A_CLIENT = 2;
/** Clients that write to the journal, if the manager may lose what it answered. */
const JOURNAL_WRITERS = 3;
/** Pauses between two large values, unless they are needed. */
const PUMP_PAUSES = 10;
const PUMP_PAUSE_MS = 30;
/** Amount of a large value of a quarter of a mebibyte. */
const HOT_AMOUNT = 59;
/** Time in which all users may wait for each other, in milliseconds. */
const STALL_MS = 1_000;

/** The users of a world, who work until its last daemon has begun. */
export class Load {
  readonly #users: Promise<void>[] = [];
  #over = false;
  /** True while large values are written without pauses. */
  #hot = false;
  #answered = 0;
  #lastAnswer = 0;
  readonly #listeners = new Set<() => void>();
  readonly journal = new Journal();

  constructor(private readonly world: CrashWorld) {}

  /** Has all users begin, unless they have. */
  begin(): void {
    if (this.#users.length > 0) return;
    const { seed, clients, deeds, busyMs, durability } = this.world.plan;
    for (let index = 0; index < clients; index++) {
      const client = this.world.connect();
      for (let user = 0; user < USERS_OF_A_CLIENT; user++) {
        const draw = drawing(seed * 100 + index * 10 + user);
        this.#users.push(this.#work(new User(this.world, client, user), draw, deeds, () => draw(busyMs)));
      }
    }
    if (durability === 'async')
      for (let index = 0; index < JOURNAL_WRITERS; index++) this.#users.push(this.#writeJournal(this.world.connect()));
    this.#users.push(this.#pump(new User(this.world, this.world.connect(), 0), drawing(seed)));
  }

  /** Prepares for a life of the daemon that is to end so: segments and snapshots need large values. */
  heat(kill: Kill | undefined): void {
    this.#hot = kill?.what === 'failpoint' && /^(segment|snapshot)\./.test(kill.name);
  }

  /** Time of the last answer of a daemon. */
  get lastAnswer(): number {
    return this.#lastAnswer;
  }

  /** Resolves when the users have had this number of further answers, or have waited for a while. */
  async answers(count: number): Promise<void> {
    const least = this.#answered + count;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, STALL_MS + 20 * count);
      const look = (): void => {
        if (this.#answered < least) return;
        clearTimeout(timer);
        this.#listeners.delete(look);
        resolve();
      };
      this.#listeners.add(look);
    });
  }

  /** Resolves when all users are done with what they do. */
  async end(): Promise<void> {
    this.#over = true;
    await Promise.all(this.#users);
  }

  async #work(user: User, draw: Draw, deeds: readonly string[], pause: () => number): Promise<void> {
    await opened(user.client, () => this.world.orphans++);
    while (!this.#over) {
      await user.pause(pause());
      const deed = deeds[draw(deeds.length)]!;
      await DEEDS[deed]!(user, drawStep(draw)).then(
        () => this.#heard(),
        (error: unknown) => this.#failed(error),
      );
    }
  }

  async #writeJournal(client: ObservedClient): Promise<void> {
    await opened(client, () => this.world.orphans++);
    const stopped = (): boolean => this.#over;
    await this.journal.write(client.manager, stopped, () => this.#heard());
  }

  /** Writes large values: now and then, or one after the other. */
  async #pump(user: User, draw: Draw): Promise<void> {
    await opened(user.client, () => this.world.orphans++);
    while (!this.#over) {
      for (let paused = 0; paused < PUMP_PAUSES && !this.#hot && !this.#over; paused++) await user.pause(PUMP_PAUSE_MS);
      await bulk(user, { ...drawStep(draw), choice: 1 + draw(5), amount: this.#hot ? HOT_AMOUNT : draw(60) }).then(
        () => this.#heard(),
        (error: unknown) => this.#failed(error),
      );
    }
  }

  #heard(): void {
    this.#answered++;
    this.#lastAnswer = performance.now();
    for (const look of [...this.#listeners]) look();
  }

  /** The calls of users are recorded with their errors. Any other error is one of the campaign. */
  #failed(error: unknown): void {
    const { history } = this.world;
    if (!history.calls.some((call) => call.error === error)) this.world.violated(`unexpected: ${(error as Error).stack}`);
  }
}

/** Draws what a user does. All waits end by themselves, so that a world comes to its end. */
export function drawStep(draw: Draw): DeedStep {
  return {
    choice: draw(60),
    amount: draw(60),
    pause: 0,
    timeout: draw(5) === 0 ? draw(20) : draw(4) === 0 ? draw(4_000) : draw(800),
    abort: draw(8) === 0 ? draw(600) : undefined,
    hold: draw(4) === 0 ? draw(400) : draw(30),
  };
}

/** Resolves when a client has a session: the first call of a program fails if there is no manager. @param failed called for each failure */
export async function opened({ manager }: ObservedClient, failed: () => void): Promise<void> {
  await until('a session is open', () =>
    manager
      .value('unary', 0)
      .get()
      .then(
        () => true,
        () => {
          failed();
          return false;
        },
      ),
  );
}
