import { canonical } from '../../../proto/codec/canonical.js';
import { mapKey, type MapKey } from '../../../proto/codec/key.js';
import type { CallContext, Handlers } from '../../../proto/contract.js';
import { InvalidArgumentError } from '../../../proto/errors.js';
import type {
  AtomicCheck,
  AtomicOpening,
  AtomicOperation,
  AtomicResult,
  AtomicService,
} from '../../../proto/gen/commonhold/v1/atomic_wire.js';
import type {
  DictEntry,
  DictService,
  DictServiceAddManyRequest,
  DictServiceAddRequest,
} from '../../../proto/gen/commonhold/v1/dict_wire.js';
import type { ListService } from '../../../proto/gen/commonhold/v1/list_wire.js';
import type { QueueService } from '../../../proto/gen/commonhold/v1/queue_wire.js';
import type { ValueService } from '../../../proto/gen/commonhold/v1/value_wire.js';
import type { Payload } from '../../../proto/wire/values.js';
import { isAnonymous } from '../../../proto/name.js';
import { sum, sums, type Planned } from '../../core/arithmetic.js';
import { missing } from '../../core/missing.js';
import { dictKind } from './dict.js';
import type { Keyspace, ObjectKind, SharedObject } from '../lifetime/keyspace.js';
import { listKind } from './list.js';
import { queueKind } from './queue.js';
import { valueKind } from './value.js';

/** The handlers that run the operations of a batch. */
export interface Operators {
  readonly dict: Handlers<typeof DictService>;
  readonly list: Handlers<typeof ListService>;
  readonly queue: Handlers<typeof QueueService>;
  readonly value: Handlers<typeof ValueService>;
}

export function atomicHandlers(keyspace: Keyspace, operators: Operators): Handlers<typeof AtomicService> {
  return {
    commit({ checks, operations, openings }, context) {
      const made: string[] = [];
      const undo = (): void => made.forEach((name) => keyspace.destroy(name, ''));
      const dryRun = new DryRun(keyspace);
      try {
        for (const opening of openings) if (open(operators, opening, context)) made.push(nameOf(opening));
        if (!checks.every((check) => holds(keyspace, check))) {
          undo();
          return { ok: false, results: [] };
        }
        for (const operation of operations) dryRun.run(operation);
      } catch (error) {
        undo();
        throw error;
      }
      // Every operation has passed the dry run, and no other call runs before this returns.
      return { ok: true, results: operations.map((operation) => apply(operators, dryRun, operation, context)) };
    },
  };
}

/** Makes an object if there is none. Returns true if it made one. */
function open({ dict, list, queue, value }: Operators, opening: AtomicOpening, context: CallContext): boolean {
  if (opening.dict) return now(dict.open(opening.dict, context)).created;
  if (opening.list) return now(list.open(opening.list, context)).created;
  if (opening.queue) return now(queue.open(opening.queue, context)).created;
  if (opening.value) return now(value.open(opening.value, context)).created;
  throw new InvalidArgumentError('an empty opening: give a dict, a list, a queue or a value');
}

function nameOf({ dict, list, queue, value }: AtomicOpening): string {
  return (dict ?? list ?? queue ?? value)!.name;
}

function holds(keyspace: Keyspace, { name, key, expected }: AtomicCheck): boolean {
  const present = key === undefined ? keyspace.find(valueKind, name)?.value : keyspace.find(dictKind, name)?.get(key);
  if (present === undefined || expected === undefined) return present === expected;
  return canonical(present) === canonical(expected);
}

/**
 * Checks the operations of a batch without changing an object. Keeps notes of the values that earlier operations of the batch would store.
 */
class DryRun {
  readonly #keys = new Map<string, Planned>();
  readonly #sums = new Map<DictServiceAddManyRequest, DictEntry[]>();
  readonly #values = new Map<string, Payload>();
  readonly #puts = new Map<string, number>();

  constructor(readonly keyspace: Keyspace) {}

  /** Returns the sums that the dry run of an operation made, so that they are not made again. */
  sums(addMany: DictServiceAddManyRequest): readonly DictEntry[] {
    return this.#sums.get(addMany)!;
  }

  /** Throws the error that the operation would throw. */
  run(operation: AtomicOperation): void {
    const { dictSet, dictDelete, dictAdd, dictAddMany, listPush, queuePut, valueSet, valueAdd } = operation;
    if (dictSet?.fence) this.keyspace.checkFence(dictSet.fence, dictSet.name);
    if (dictSet) this.#keysOf(dictSet.name).set(mapKey(dictSet.key), dictSet.value);
    else if (dictDelete) this.#keysOf(dictDelete.name).set(mapKey(dictDelete.key), null);
    else if (dictAdd) this.#add(dictAdd);
    else if (dictAddMany) this.#addMany(dictAddMany);
    else if (listPush) this.#check(listKind, listPush.name);
    else if (queuePut) this.#put(queuePut.name, queuePut.priority);
    else if (valueSet) this.#write(valueSet.name, () => valueSet.value);
    else if (valueAdd) this.#write(valueAdd.name, (present) => sum(present, valueAdd.delta));
    else throw new InvalidArgumentError('an operation that is empty or not known to this manager: give one that a batch supports');
  }

  #check<T extends SharedObject>(kind: ObjectKind<T>, name: string): void {
    this.keyspace.check(kind, name);
    if (isAnonymous(name) && this.keyspace.get(name) === undefined) throw missing(name);
  }

  #keysOf(name: string): Planned {
    this.#check(dictKind, name);
    let keys = this.#keys.get(name);
    if (keys === undefined) this.#keys.set(name, (keys = new Map<MapKey, Payload | null>()));
    return keys;
  }

  #add({ name, key, delta }: DictServiceAddRequest): void {
    sums((present) => this.keyspace.find(dictKind, name)?.get(present), [{ key, value: delta }], this.#keysOf(name));
  }

  #addMany(addMany: DictServiceAddManyRequest): void {
    const { name, deltas } = addMany;
    const planned = this.#keysOf(name);
    const dict = this.keyspace.find(dictKind, name);
    this.#sums.set(
      addMany,
      sums((key) => dict?.get(key), deltas, planned),
    );
  }

  #put(name: string, priority: number | undefined): void {
    const puts = (this.#puts.get(name) ?? 0) + 1;
    this.#puts.set(name, puts);
    this.#check(queueKind, name);
    this.keyspace.find(queueKind, name)?.assertRoom(puts, priority);
  }

  #write(name: string, change: (present: Payload) => Payload): void {
    const value = this.keyspace.find(valueKind, name) ?? valueKind.make(name, this.keyspace);
    value.assertFree();
    this.#values.set(name, value.checked(change(this.#values.get(name) ?? value.value)));
  }
}

function apply(operators: Operators, dryRun: DryRun, operation: AtomicOperation, context: CallContext): AtomicResult {
  const { dictSet, dictDelete, dictAdd, dictAddMany, listPush, queuePut, valueSet, valueAdd } = operation;
  const { dict, list, queue, value } = operators;
  if (dictSet) return { dictSet: now(dict.set(dictSet, context)) };
  if (dictDelete) return { dictDelete: now(dict.delete(dictDelete, context)) };
  if (dictAdd) return { dictAdd: now(dict.add(dictAdd, context)) };
  if (dictAddMany) {
    dryRun.keyspace.open(dictKind, dictAddMany.name, context).replaceMany(dryRun.sums(dictAddMany));
    return { dictAddMany: {} };
  }
  if (listPush) return { listPush: now(list.push(listPush, context)) };
  if (queuePut) return { queuePut: now(queue.put({ ...queuePut, timeoutMs: 0 }, context)) };
  if (valueSet) return { valueSet: now(value.set({ ...valueSet, timeoutMs: 0 }, context)) };
  return { valueAdd: now(value.add({ ...valueAdd!, timeoutMs: 0 }, context)) };
}

/** Returns the response of an operation that the dry run found not to wait. */
function now<R>(answer: R | Promise<R>): R {
  if (answer instanceof Promise) throw new Error('an operation of the batch waits, although its dry run did not');
  return answer;
}
