import type { Change } from './load.js';

/** A fault that is planted in the kernel, and the scenario that shows it. */
export interface Fault {
  readonly name: string;
  readonly scenario: string;
  readonly change: Change;
}

function fault(name: string, scenario: string, file: string, from: string, to: string): Fault {
  return { name, scenario, change: { file: `kernel/${file}.ts`, from, to } };
}

export const FAULTS: readonly Fault[] = [
  fault('a change is read before it is whole', 'a dict of which a value is replaced and read', 'guard', 'settled(self);\n  store(object + O_SEQ, peek(object + O_SEQ) + 1);', 'store(object + O_SEQ, peek(object + O_SEQ) + 1);\n  settled(self);'), // prettier-ignore
  fault('one who waits is told before the change is whole', 'a barrier', 'waiters', 'settled(self);\n  store(node + N_STATE, state);', 'store(node + N_STATE, state);\n  settled(self);'), // prettier-ignore
  fault('nobody tells one whom a dead thread was telling', 'a barrier', 'waiters', '  telling(self, node, state);\n', ''),
  fault('a word is written before what it was is noted', 'a list at its ends', 'memory', 'Atomics.store(words, journal, count + 1);\n  words[p >> 2] = v;', 'words[p >> 2] = v;\n  Atomics.store(words, journal, count + 1);'), // prettier-ignore
  fault('the word of a lock forgets that others wait', 'three threads with a lock', 'lock', 'exchange(object + O_LOCK, wordFor(object, 0));', 'exchange(object + O_LOCK, 0);'), // prettier-ignore
  fault('nobody is told that a lock is free', 'two threads with a lock', 'lock', '  store(object + O_NUDGED, 1);\n  tell(self, first, NUDGED);', '  store(object + O_NUDGED, 1);'), // prettier-ignore
  fault(
    'what is in an object stays pending',
    'a dict in which two put a new key',
    'heap',
    'put(self, self + S_PENDING, peek(self + S_OUTER));',
    '',
  ),
  fault(
    'a promise of a queue is not counted',
    'a queue with two who get',
    'queue',
    'put(self, object + O_DATA + promises, peek(object + O_DATA + promises) + 1);',
    '',
  ),
  fault('the number of entries is not taken back with them', 'a dict that grows', 'map-entry', 'put(self, data + M_COUNT, peek(data + M_COUNT) + 1);', 'poke(data + M_COUNT, peek(data + M_COUNT) + 1);'), // prettier-ignore
];
