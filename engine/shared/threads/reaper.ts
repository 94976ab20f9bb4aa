import {
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
  O_WOKEN,
  OPEN,
  S_OUTER,
} from '../kernel/layout.js';
import { DONE, FIRST } from './clear-part.js';
import { directoryOf, type NamedObject } from '../objects/directory.js';
import { kindOf, type SharedKind } from '../objects/kind-numbers.js';
import { now } from './parking.js';
import type { ObjectAddress } from '../memory/place.js';
import type { ArenaThread } from '../memory/arena-thread.js';

/**
 * Clears away a part of what a dead thread left: rolls back its unfinished changes and, for up to some thousand objects, gives back what it
 * held or was promised and takes it out of the lines that it waited in. The last part frees the thread's own memory. The caller must not
 * have a guard. Each part can be done twice.
 * @param from serial of the directory's entry to begin with
 * @param first an object to clear before all others
 * @returns the serial to continue with, or {@link DONE}
 */
export function clearAway(thread: ArenaThread, dead: number, token: number, from = FIRST, first?: ObjectAddress): number {
  const { kernel } = thread;
  const directory = directoryOf(thread);
  kernel.reapHeap(dead, token);
  kernel.reapGuard(directory.at, dead, token);
  const { found, next } = directory.leftBy(dead, token, from);
  const all = first !== undefined && directory.lives(first) ? [first, ...found] : found;
  // All guards first, because work on one object may need another's.
  for (const { object } of all) kernel.reapGuard(object, dead, token);
  for (const place of all) if (directory.lives(place)) new Clearing(thread, place, token).run();
  for (const one of found) letGo(thread, one, dead);
  if (next === DONE) freeMemory(thread, dead);
  return next;
}

/** Removes the dead thread's proxy of an object, which may orphan it, or takes the object out of the directory if it has ended. */
function letGo(thread: ArenaThread, found: NamedObject, dead: number): void {
  const directory = directoryOf(thread);
  const { object, uid, name } = found;
  if (!directory.lives(found)) directory.takeOut(name, found);
  else if (thread.word(object + O_CLAIMS) !== 0 && directory.unclaim(object, uid, dead)) thread.orphaned(name);
}

/** Frees the chains of the slot, from the beginning: steps that were interrupted do not continue. */
function freeMemory(thread: ArenaThread, dead: number): void {
  const { kernel } = thread;
  thread.setWord(dead + S_OUTER, 0);
  kernel.reapSlot(dead);
  kernel.discard(dead);
  kernel.sweep(dead);
  kernel.freeOwn(dead);
}

/** Clears an object of each kind. */
const CLEARINGS: Readonly<Record<SharedKind, (clearing: Clearing) => void>> = {
  dict: (clearing) => clearing.mutex(),
  list: (clearing) => clearing.mutex(),
  value: (clearing) => clearing.mutex(),
  array: (clearing) => clearing.mutex(),
  lock: (clearing) => clearing.mutex(),
  rlock: (clearing) => clearing.mutex(),
  queue: (clearing) => clearing.queue(),
  semaphore: (clearing) => clearing.semaphore(),
  barrier: (clearing) => clearing.barrier(),
  event: (clearing) => clearing.event(),
  condition: (clearing) => clearing.condition(),
};

/** Clears one object of one dead thread. */
class Clearing {
  constructor(
    private readonly thread: ArenaThread,
    private readonly place: ObjectAddress,
    private readonly token: number,
  ) {}

  run(): void {
    CLEARINGS[kindOf(this.thread.word(this.place.object + O_KIND))](this);
  }

  queue(): void {
    const { kernel, self } = this.thread;
    const { object, uid } = this.place;
    // O_HOLDS last: while a node of the thread still waits, it may be promised more.
    for (const list of [O_LIST0, O_LIST1, O_LIST2, O_HOLDS]) this.#each(list, (node) => kernel.queueQuit(self, object, uid, node, 0));
    this.#do(() => kernel.queueShutdown(self, object, uid, OPEN));
  }

  semaphore(): void {
    const { kernel, self } = this.thread;
    const { object, uid } = this.place;
    this.#each(O_LIST0, (node) => kernel.permitsQuit(self, object, uid, node));
    this.#each(O_HOLDS, (node) => kernel.permitsFree(self, object, uid, node));
    this.#do(() => kernel.permitsServe(self, object, uid));
  }

  barrier(): void {
    const { kernel, self } = this.thread;
    const { object, uid } = this.place;
    this.#each(O_LIST0, (node) => kernel.barrierQuit(self, object, uid, node, DIED));
    this.#each(O_HOLDS, (node) => kernel.barrierBreak(self, object, uid, DIED, node, 0));
    this.#do(() => kernel.barrierAdvance(self, object, uid));
  }

  event(): void {
    const { kernel, self } = this.thread;
    const { object, uid } = this.place;
    this.#each(O_LIST0, (node) => kernel.noticeQuit(self, object, uid, node));
    if (this.thread.word(object + O_DATA + G_SET) !== 0) this.#do(() => kernel.eventSet(self, object, uid));
  }

  condition(): void {
    const { kernel, self } = this.thread;
    const { object, uid } = this.place;
    // List 1 has the waits for the condition, list 0 those for its lock.
    this.#each(O_LIST1, (node) => kernel.noticeQuit(self, object, uid, node));
    this.#each(O_HOLDS, (node) => kernel.noticeTake(self, object, uid, node, 1));
    if (this.thread.word(object + O_DATA + H_REST) !== 0) this.#do(() => kernel.noticeGive(self, object, uid, 0));
    this.mutex();
  }

  /** Clears an object with a lock and no other waits. */
  mutex(): void {
    const { kernel, self } = this.thread;
    const { object, uid } = this.place;
    this.#each(O_LIST0, (node) => kernel.lockQuit(self, object, uid, node));
    this.#do(() => kernel.lockBreak(self, object, uid, this.token, 0, now()));
    // The thread may have freed the lock, and died before or while it told the first in line.
    const untold = this.thread.word(object + O_LOCK) === CONTENDED || this.thread.word(object + O_WOKEN) !== 0;
    if (untold) this.#do(() => kernel.lockOffer(self, object, uid));
  }

  /** Ends each node of the thread in a list. */
  #each(list: number, end: (node: number) => number): void {
    const { kernel, self, guards } = this.thread;
    const { object, uid } = this.place;
    const all = (): void => {
      for (let node = kernel.nodeOf(object + list, 0, this.token); node !== 0; node = kernel.nodeOf(object + list, 0, this.token)) {
        end(node);
        kernel.dropBlock(self, node);
      }
    };
    guards.during(object, uid, all, () => {});
  }

  #do(call: () => number): number {
    return this.thread.guards.step(this.place.object, call);
  }
}
