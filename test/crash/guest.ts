// A process whose users work until it is killed. Each call is told before it is made, and after its end, so that all of them are known then.
import { writeSync } from 'node:fs';
import { isExpected } from '../simulation/checks/calls.js';
import type { Call } from '../simulation/history.js';
import type { ObservedWorld } from '../simulation/observed.js';
import { User } from '../simulation/user.js';
import { drawing } from '../support/random.js';
import { CrashClient } from './client.js';
import { DEEDS } from './deeds/index.js';
import { drawStep, opened } from './load.js';
import { toLine, type GuestOrder, type GuestTold } from './guest-lines.js';
import { seenHolds, TimedHistory } from './world.js';

const USERS = 2;
const { address, index, seed, deeds, durability } = JSON.parse(process.argv[2]!) as GuestOrder;

// A pipe keeps the bytes that were written to it when the process is killed.
const tell = (told: GuestTold): void => void writeSync(1, toLine(told));

class ToldHistory extends TimedHistory {
  readonly #ids = new Map<Call, number>();

  override begin(call: Call): void {
    super.begin(call);
    this.#ids.set(call, this.#ids.size);
    const { object, what, args, called } = call;
    tell({ id: this.#ids.get(call)!, object, what, args, called });
  }

  override end(call: Call): void {
    super.end(call);
    const { outcome, result, returned, error, object, what } = call;
    tell({ id: this.#ids.get(call)!, outcome, result, returned });
    if (error !== undefined && !isExpected(error)) tell({ violated: `${object} ${what} failed: ${(error as Error).stack}` });
  }
}

const client = new CrashClient(index, address, `guest ${index}`);
const violated = (what: string): void => tell({ violated: what });
const world: ObservedWorld = {
  time: {
    get now() {
      return performance.now();
    },
  },
  history: new ToldHistory(),
  holds: seenHolds(violated, durability),
  watches: [],
  undecided: [],
  violated,
  mayForgetReads: true,
  mayLose: () => false,
};

await opened(client, () => {});
for (let number = 0; number < USERS; number++) void work(new User(world, client, number), number);

async function work(user: User, number: number): Promise<never> {
  const draw = drawing(seed + number);
  for (;;) {
    await user.pause(draw(20));
    // The history has its error.
    await DEEDS[deeds[draw(deeds.length)]!]!(user, drawStep(draw)).catch(() => {});
  }
}
