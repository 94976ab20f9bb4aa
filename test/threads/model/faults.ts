import type { Change } from './load.js';

/** A fault to plant in the kernel, and the scenario that shows it. */
export interface Fault {
  readonly name: string;
  readonly scenario: string;
  readonly changes: readonly Change[];
}

function fault(name: string, scenario: string, file: string, ...changes: readonly (readonly [from: string, to: string])[]): Fault {
  return { name, scenario, changes: changes.map(([from, to]) => ({ file: `kernel/${file}.ts`, from, to })) };
}

export const FAULTS: readonly Fault[] = [
  fault('a change is read before it is complete', 'a dict with a value that is replaced and read', 'guard', ['commit(self);\n  store(object + O_SEQ, peek(object + O_SEQ) + 1);', 'store(object + O_SEQ, peek(object + O_SEQ) + 1);\n  commit(self);']), // prettier-ignore
  fault('a waiter is woken before the change is complete', 'a barrier', 'waiters', ['commit(self);\n  store(node + N_STATE, state);', 'store(node + N_STATE, state);\n  commit(self);']), // prettier-ignore
  fault('a waiter that a dead thread was waking stays asleep', 'a barrier', 'waiters', ['  beginWake(self, node, state);\n', '']),
  fault('a word is written before its old value is recorded', 'a list at its ends', 'memory', ['Atomics.store(words, journal, count + 1);\n  words[p >> 2] = v;', 'words[p >> 2] = v;\n  Atomics.store(words, journal, count + 1);']), // prettier-ignore
  fault('the word of a lock loses its mark of waiters', 'three threads with a lock', 'lock', ['exchange(object + O_LOCK, wordFor(object, 0));', 'exchange(object + O_LOCK, 0);']), // prettier-ignore
  fault('no waiter is woken when a lock is free', 'two threads with a lock', 'lock', ['  store(object + O_WOKEN, 1);\n  tell(self, first, WOKEN);', '  store(object + O_WOKEN, 1);']), // prettier-ignore
  fault('blocks stored in an object stay pending', 'a dict in which two put a new key', 'heap', [
    'put(self, self + S_PENDING, peek(self + S_OUTER));',
    '',
  ]),
  fault('a promise of a queue is not counted', 'a queue with two consumers', 'queue', [
    'put(self, object + O_DATA + promises, peek(object + O_DATA + promises) + 1);',
    '',
  ]),
  fault('the number of entries is not restored with them', 'a dict that grows', 'map-entry', ['put(self, data + M_COUNT, peek(data + M_COUNT) + 1);', 'poke(data + M_COUNT, peek(data + M_COUNT) + 1);']), // prettier-ignore
  fault('a tag does not change', 'blocks that are freed in another order', 'memory', ['pair[1] = high2;', '']),
  fault('a sequence is not odd while an object changes', 'a dict with a value that is replaced and read', 'guard', ['store(object + O_SEQ, peek(object + O_SEQ) + 1);\n  // A store', '// A store'], ['commit(self);\n  store(object + O_SEQ, peek(object + O_SEQ) + 1);', 'commit(self);\n  store(object + O_SEQ, peek(object + O_SEQ) + 2);']), // prettier-ignore
  fault('a waiter that tries again marks it after it has looked', 'a lock that is taken again while one tries', 'lock', ['exchange(object + O_WOKEN, 0);\n    if (load(', 'if (load('], ['result = hold(object, peek(node + N_OWNER));\n    }\n  }', 'result = hold(object, peek(node + N_OWNER));\n    }\n    exchange(object + O_WOKEN, 0);\n  }']), // prettier-ignore
  fault('a lock that is freed loses its mark of waiters', 'two threads that take a lock again', 'lock', ['token | CONTENDED, CONTENDED) !== (token', 'token | CONTENDED, 0) !== (token']), // prettier-ignore
  fault('a replaced block is dropped after the change', 'a text that is written and read', 'value', ['if (old !== 0) retire(self, old);\n  putCell(self, at, from);', 'putCell(self, at, from);'], ['leave(self, object, entered);\n  sweep(self);', 'leave(self, object, entered);\n  if (old !== 0) retire(self, old);\n  sweep(self);']), // prettier-ignore
  fault('a block is freed before it is off the chain', 'a text that is written and read', 'heap', ['poke(from, next);\n    if (free(span, block, head, tag)) return;', 'if (free(span, block, head, tag)) {\n      poke(from, next);\n      return;\n    }']), // prettier-ignore
  { name: 'waits are counted in the middle of a change', scenario: 'a barrier whose waiting parties are counted', changes: [{ file: 'objects/object-view.ts', from: 'this.thread.guards.during(this.object, this.uid, count, () => 0)', to: 'count()' }] }, // prettier-ignore
  fault('the items of an emptied list are not dropped if its thread dies', 'a list that is sorted, and emptied', 'reap', ['  dropLeft(dead);\n', '']), // prettier-ignore
];
