import { duration } from '../../../proto/duration.js';
import type { Directory, NamedObject } from '../objects/directory.js';
import { HEAP, type Standstill } from '../memory/guards.js';
import { holderOf } from '../objects/holder.js';
import { CONTENDED, O_GUARD, O_LOCK } from '../kernel/layout.js';
import type { ArenaThread } from '../memory/arena-thread.js';

/**
 * Describes a living thread that does not give back the guard of an object, and what else it has.
 * @param looks true if the calling thread may search the directory for that
 */
export function standstill(thread: ArenaThread, directory: Directory, object: number, owner: number, looks: boolean): Standstill {
  const has = (word: number): boolean => (Atomics.load(thread.region.words, word >> 2) & ~CONTENDED) === owner;
  const all = looks && object !== directory.at ? directory.glance() : [];
  const named = (each: NamedObject): string => `"${each.name}"`;
  const besides = [
    ...(object !== HEAP && has(HEAP + O_GUARD) ? ['the memory'] : []),
    ...all.filter((each) => each.object !== object && has(each.object + O_GUARD)).map(named),
    ...all.filter((each) => has(each.object + O_LOCK)).map((each) => `the lock of ${named(each)}`),
  ];
  const found = all.find((each) => each.object === object);
  const what = found ? named(found) : object === HEAP ? 'the memory' : object === directory.at ? 'the directory' : 'an object';
  const { pid, label } = holderOf(thread, owner, 0);
  const more = besides.length === 0 ? '' : `, and has ${besides.join(' and ')}`;
  const text = `${label} of process ${pid} has been working on ${what} for ${duration(thread.guards.patience)}${more}: it may be stopped, as in a debugger`;
  return { text, name: found?.name };
}
