import type { Kernel } from '../../engine/shared/memory/region.js';
import type { ArenaThread } from '../../engine/shared/memory/arena-thread.js';

type Step = (...given: number[]) => number;

/** Steps of the kernel that take the heap's guard. */
const OF_THE_HEAP: ReadonlySet<string> = new Set<keyof Kernel>(['freeBytes', 'refill', 'takeIn']);

/** Steps that take no guard; the others take the guard of their second parameter, an object. */
const OF_NONE: ReadonlySet<string> = new Set<keyof Kernel>([
  ...([
    'alloc',
    'allocHeader',
    'beginHeap',
    'discard',
    'dropBlock',
    'dropField',
    'disownBlock',
    'ownBlock',
    'sweepLeft',
    'freeOwn',
    'publishAll',
    'room',
    'sweep',
  ] as const),
  ...(['cellGet', 'doubleGet', 'doubleSet', 'numberAdd', 'numberFree', 'numberGet', 'numberSet', 'numberWrite'] as const),
  ...(['lockFree', 'lockTake', 'guardContend', 'nodeOf', 'reapGuard', 'reapHeap', 'reapNext', 'reapSlot', 'leaveObject'] as const),
  ...([
    'mapGet',
    'mapFind',
    'mapAfter',
    'mapAt',
    'mapEmpty',
    'mapRead',
    'ringAt',
    'ringCopy',
    'ringEmpty',
    'ringRead',
    'queueLook',
  ] as const),
]);

/** Steps of a thread that has the guard already. */
const WITHIN: ReadonlySet<string> = new Set<keyof Kernel>(['mapCut', 'mapLast', 'ringReplace']);

/** Steps after which the thread may sleep as a waiter: it has no guard then. */
const IN_LINE: ReadonlySet<string> = new Set<keyof Kernel>([
  ...(['lockWait', 'eventWait', 'noticeWait', 'barrierWait', 'permitsTake', 'queuePut', 'queueGet', 'queueJoin'] as const),
]);

/** Time for which a thread waits for the guard of another, in milliseconds: a busy machine may keep that one from running for long. */
export const PATIENCE = 300_000;

/**
 * Has each step of a thread fail that takes a guard against the order of the guards (docs/shared-memory.md), even if no other thread waits
 * for it then. The thread waits for guards as long as `PATIENCE` says.
 */
export function checkGuards(thread: ArenaThread): void {
  thread.guards.patience = PATIENCE;
  const { kernel } = thread;
  /** The object whose guard the thread has, and how often it has entered it. */
  let held = 0;
  let entered = 0;
  const refuse = (name: string, object: number): never => {
    throw new Error(`${name} of ${object} by a thread that has the guard of ${held}`);
  };
  for (const [name, work] of Object.entries(kernel as unknown as Record<string, Step>)) {
    if (OF_NONE.has(name) && name !== 'leaveObject') continue;
    const checked: Step = (...given) => {
      const object = given[1]!;
      if (name === 'leaveObject') {
        if (object !== held) refuse(name, object);
        if (--entered === 0) held = 0;
      } else if (WITHIN.has(name)) {
        if (object !== held) refuse(name, object);
      } else if (IN_LINE.has(name) ? held !== 0 : !OF_THE_HEAP.has(name) && held !== 0 && object !== held) {
        refuse(name, object);
      }
      const answer = work(...given);
      if (name === 'enterObject' && answer === 0) {
        held = object;
        entered++;
      }
      return answer;
    };
    Object.assign(kernel, { [name]: checked });
  }
}
