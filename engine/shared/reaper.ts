import {
  A_DIRECTORY,
  CONTENDED,
  DIED,
  G_SET,
  H_REST,
  O_CLAIMS,
  O_DATA,
  O_HOLDS,
  O_KIND,
  O_LIST0,
  O_LIST1,
  O_LIST2,
  O_LOCK,
  O_NUDGED,
  O_UID,
  OPEN,
  S_OUTER,
} from './kernel/layout.js';
import { directoryOf } from './directory.js';
import { KINDS } from './kinds.js';
import { now } from './parking.js';
import type { Space } from './space.js';

/**
 * Clears away what a thread left that is gone: takes back what it had half done, gives back what it held and
 * was promised, takes it out of the lines that it waited in, and frees the memory that was its own. By a thread that has
 * no guard itself.
 */
export function clearAway(space: Space, dead: number, token: number): void {
  // All guards first: what is done for one object may need another.
  giveBackGuards(space, dead, token);
  const { kernel } = space;
  const directory = directoryOf(space);
  directory.takeOutEnded();
  const objects = directory.objects();
  for (const object of objects) new Clearing(space, object, token).run();
  unclaim(space, objects, dead);
  // The chains begin at the slot, as those of the living do. Nothing is left of steps that were interrupted.
  space.setWord(dead + S_OUTER, 0);
  kernel.reapSlot(dead);
  kernel.discard(dead);
  kernel.sweep(dead);
  kernel.freeOwn(dead);
}

/** Takes back what the thread had half done, and gives back all guards that it has. It can be done again. */
function giveBackGuards(space: Space, dead: number, token: number): void {
  const { kernel } = space;
  kernel.reapHeap(dead, token);
  kernel.reapGuard(space.word(A_DIRECTORY), dead, token);
  for (const object of directoryOf(space).objects()) kernel.reapGuard(object, dead, token);
}

/** Clears one object of one thread. */
class Clearing {
  readonly #uid: number;

  constructor(
    private readonly space: Space,
    private readonly object: number,
    private readonly token: number,
  ) {
    this.#uid = space.word(object + O_UID);
  }

  run(): void {
    const { kernel, self } = this.space;
    const { object } = this;
    const uid = this.#uid;
    switch (this.space.word(object + O_KIND)) {
      case KINDS.queue:
        // Last what it was promised, which may be more while it still waits.
        for (const list of [O_LIST0, O_LIST1, O_LIST2, O_HOLDS]) this.#each(list, (node) => kernel.queueQuit(self, object, uid, node, 0));
        this.#do(() => kernel.queueShutdown(self, object, uid, OPEN));
        return;
      case KINDS.semaphore:
        this.#each(O_LIST0, (node) => kernel.permitsQuit(self, object, uid, node));
        this.#each(O_HOLDS, (node) => kernel.permitsFree(self, object, uid, node));
        this.#do(() => kernel.permitsServe(self, object, uid));
        return;
      case KINDS.barrier:
        this.#each(O_LIST0, (node) => kernel.barrierQuit(self, object, uid, node, DIED));
        this.#each(O_HOLDS, (node) => kernel.barrierBreak(self, object, uid, DIED, node, 0));
        this.#do(() => kernel.barrierAdvance(self, object, uid));
        return;
      case KINDS.event:
        this.#each(O_LIST0, (node) => kernel.noticeQuit(self, object, uid, node));
        if (this.space.word(object + O_DATA + G_SET) !== 0) this.#do(() => kernel.eventSet(self, object, uid));
        return;
      case KINDS.condition:
        // Its own line is list 1, that of its lock list 0.
        this.#each(O_LIST1, (node) => kernel.noticeQuit(self, object, uid, node));
        this.#each(O_HOLDS, (node) => kernel.noticeTake(self, object, uid, node, 1));
        if (this.space.word(object + O_DATA + H_REST) !== 0) this.#do(() => kernel.noticeGive(self, object, uid, 0));
        this.#unlock();
        return;
      default:
        this.#unlock();
    }
  }

  #unlock(): void {
    const { kernel, self } = this.space;
    const { object } = this;
    this.#each(O_LIST0, (node) => kernel.lockQuit(self, object, this.#uid, node));
    this.#do(() => kernel.lockBreak(self, object, this.#uid, this.token, 0, now()));
    // The thread may have freed it, and ended before or while it told the first who waits.
    const untold = this.space.word(object + O_LOCK) === CONTENDED || this.space.word(object + O_NUDGED) !== 0;
    if (untold) this.#do(() => kernel.lockOffer(self, object, this.#uid));
  }

  /** Ends each node of the thread in a list. */
  #each(list: number, end: (node: number) => number): void {
    const { kernel, self, guards } = this.space;
    const { object } = this;
    const all = (): void => {
      for (let node = kernel.nodeOf(object + list, 0, this.token); node !== 0; node = kernel.nodeOf(object + list, 0, this.token)) {
        end(node);
        kernel.dropBlock(self, node);
      }
    };
    guards.during(object, this.#uid, all, () => {});
  }

  #do(call: () => number): number {
    return this.space.guards.step(this.object, call);
  }
}

/** The thread has no proxies any more: unnamed objects that nobody else has end. */
function unclaim(space: Space, objects: readonly number[], dead: number): void {
  const directory = directoryOf(space);
  for (const object of objects) {
    const unnamed = space.word(object + O_UID) !== 0 && space.word(object + O_CLAIMS) !== 0;
    if (unnamed && directory.unclaim(object, space.word(object + O_UID), dead)) space.orphaned(directory.nameOf(object));
  }
}
