import { equalPayloads } from '../../../proto/codec/equal.js';
import { hashKey } from '../../../proto/codec/hash-key.js';
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
import { assertFresh, type FencedRequest } from '../locking/fenced.js';
import type {
  DictEntry,
  DictService,
  DictServiceAddManyRequest,
  DictServiceAddRequest,
  DictServiceDeleteRequest,
  DictServiceSetRequest,
  DictServiceTouchRequest,
  DictServiceTtlRequest,
} from '../../../proto/gen/commonhold/v1/dict_wire.js';
import type { ListService, ListServicePushRequest } from '../../../proto/gen/commonhold/v1/list_wire.js';
import type { QueueService, QueueServicePutRequest } from '../../../proto/gen/commonhold/v1/queue_wire.js';
import type { ValueService, ValueServiceAddRequest, ValueServiceSetRequest } from '../../../proto/gen/commonhold/v1/value_wire.js';
import { isThenable } from '../../../proto/thenable.js';
import type { Payload } from '../../../proto/wire/values.js';
import { sum, sums, type Planned } from '../../core/arithmetic.js';
import type { Writing } from '../../core/writing.js';
import { compact, compactAll } from '../collections/bytes.js';
import { dictKind, type MemoryDict } from './dict.js';
import { type Keyspace, type ObjectKind, type SharedObject } from '../lifetime/keyspace.js';
import { listKind } from './list.js';
import { queueKind, type MemoryQueue } from './queue.js';
import { valueKind, type MemoryValue } from './value.js';

/** The handlers that make the objects of a batch. */
export interface Openers {
  readonly dict: Pick<Handlers<typeof DictService>, 'open'>;
  readonly list: Pick<Handlers<typeof ListService>, 'open'>;
  readonly queue: Pick<Handlers<typeof QueueService>, 'open'>;
  readonly value: Pick<Handlers<typeof ValueService>, 'open'>;
}

export function atomicHandlers(keyspace: Keyspace, openers: Openers): Handlers<typeof AtomicService> {
  return {
    commit({ checks, operations, openings }, context) {
      const dryRun = new DryRun(keyspace, context);
      let steps: Step[];
      try {
        for (const opening of openings) dryRun.open(openers, opening);
        if (!checks.every((check) => holds(keyspace, check))) {
          dryRun.undo();
          return { ok: false, results: [] };
        }
        steps = operations.map((operation) => dryRun.step(operation));
      } catch (error) {
        dryRun.undo();
        throw error;
      }
      return { ok: true, results: steps.map((step) => step()) };
    },
  };
}

/** The new items that a batch puts into a queue, and their ids. */
interface PlannedPuts {
  count: number;
  readonly ids: Set<string>;
}

/** Applies an operation that has passed the dry run, and returns its result. Never throws. */
type Step = () => AtomicResult;

function holds(keyspace: Keyspace, { name, key, expected }: AtomicCheck): boolean {
  const present = key === undefined ? keyspace.find(valueKind, name)?.value : keyspace.find(dictKind, name)?.peek(key);
  if (present === undefined || expected === undefined) return present === expected;
  return equalPayloads(present, expected);
}

/**
 * Checks the operations of a batch before any of them is applied, on the objects that they will change. Makes the missing ones, and keeps
 * notes of the values that earlier operations of the batch will store.
 */
class DryRun {
  /** Names of the objects that the batch made. */
  readonly #made: string[] = [];
  readonly #keys = new Map<MemoryDict, Planned>();
  readonly #values = new Map<MemoryValue, Payload>();
  readonly #puts = new Map<MemoryQueue, PlannedPuts>();

  constructor(
    readonly keyspace: Keyspace,
    readonly context: CallContext,
  ) {}

  /** Makes an object if there is none. */
  open(openers: Openers, { dict, list, queue, value }: AtomicOpening): void {
    if (dict) this.#note(dict.name, openers.dict.open(dict, this.context));
    else if (list) this.#note(list.name, openers.list.open(list, this.context));
    else if (queue) this.#note(queue.name, openers.queue.open(queue, this.context));
    else if (value) this.#note(value.name, openers.value.open(value, this.context));
    else throw new InvalidArgumentError('an empty opening: give a dict, a list, a queue or a value');
  }

  /** Removes the objects that the batch made. */
  undo(): void {
    for (const name of this.#made) this.keyspace.destroy(name, '');
  }

  /** Returns the step that applies the operation. Throws the error that the operation would throw. */
  step(operation: AtomicOperation): Step {
    for (const request of Object.values(operation) as (FencedRequest | undefined)[]) {
      if (request?.fence) assertFresh(this.keyspace, request.fence, request.name);
    }
    return this.#stepOf(operation);
  }

  #stepOf({
    dictSet,
    dictDelete,
    dictAdd,
    dictAddMany,
    dictTouch,
    dictTtl,
    listPush,
    queuePut,
    valueSet,
    valueAdd,
  }: AtomicOperation): Step {
    if (dictSet) return this.#dictSet(dictSet);
    if (dictDelete) return this.#dictDelete(dictDelete);
    if (dictAdd) return this.#dictAdd(dictAdd);
    if (dictAddMany) return this.#dictAddMany(dictAddMany);
    if (dictTouch) return this.#dictTouch(dictTouch);
    if (dictTtl) return this.#dictTtl(dictTtl);
    if (listPush) return this.#listPush(listPush);
    if (queuePut) return this.#queuePut(queuePut);
    if (valueSet) return this.#valueSet(valueSet);
    if (valueAdd) return this.#valueAdd(valueAdd);
    throw new InvalidArgumentError('an operation that is empty or not known to this manager: give one that a batch supports');
  }

  #dictSet({ name, key, value, ttlMs }: DictServiceSetRequest): Step {
    const dict = this.#object(dictKind, name);
    this.#planned(dict).set(hashKey(mapKey(key)), value);
    return () => {
      dict.set(key, compact(value), ttlMs);
      return { dictSet: {} };
    };
  }

  #dictDelete({ name, key }: DictServiceDeleteRequest): Step {
    const dict = this.#object(dictKind, name);
    this.#planned(dict).set(hashKey(mapKey(key)), null);
    return () => ({ dictDelete: { deleted: dict.delete(key) !== undefined } });
  }

  #dictAdd({ name, key, delta, ...end }: DictServiceAddRequest): Step {
    const dict = this.#object(dictKind, name);
    const [added] = this.#sums(dict, [{ key, value: delta }]);
    const value = compact(added!.value);
    return () => {
      dict.replace(key, value, end);
      return { dictAdd: { value } };
    };
  }

  #dictAddMany({ name, deltas, ...end }: DictServiceAddManyRequest): Step {
    const dict = this.#object(dictKind, name);
    const added = this.#sums(dict, deltas);
    return () => {
      dict.replaceMany(added, end);
      return { dictAddMany: {} };
    };
  }

  #dictTouch({ name, key, ttlMs }: DictServiceTouchRequest): Step {
    const dict = this.#object(dictKind, name);
    return () => ({ dictTouch: { found: dict.touch(key, ttlMs) } });
  }

  #dictTtl({ name, key }: DictServiceTtlRequest): Step {
    const dict = this.#object(dictKind, name);
    return () => ({ dictTtl: dict.ttl(key) });
  }

  #listPush({ name, values }: ListServicePushRequest): Step {
    const list = this.#object(listKind, name);
    return () => {
      list.push(compactAll(values));
      return { listPush: { length: list.size } };
    };
  }

  #queuePut({ name, value, ...placing }: QueueServicePutRequest): Step {
    const queue = this.#object(queueKind, name);
    const puts = this.#plannedPuts(queue);
    const { id } = placing;
    if (id === undefined || !(puts.ids.has(id) || queue.items.has(id))) puts.count++;
    if (id !== undefined) puts.ids.add(id);
    queue.assertPut(puts.count, placing);
    return () => {
      const duplicates = queue.put({ values: [value], placing, each: [] }, this.context, 0);
      return { queuePut: { duplicate: duplicates !== 0 } };
    };
  }

  #valueSet(request: ValueServiceSetRequest): Step {
    const { value, payload } = this.#write(request, () => request.value);
    return () => {
      value.value = payload;
      return { valueSet: {} };
    };
  }

  #valueAdd(request: ValueServiceAddRequest): Step {
    const { value, payload } = this.#write(request, (present) => sum(present, request.delta));
    return () => {
      value.value = payload;
      return { valueAdd: { value: payload } };
    };
  }

  /** Returns the object that an operation changes. Makes it if there is none. */
  #object<T extends SharedObject>(kind: ObjectKind<T>, name: string): T {
    const before = this.keyspace.objects.get(name);
    const object = this.keyspace.open(kind, name, this.context);
    this.#note(name, { created: object !== before });
    return object;
  }

  #note(name: string, answer: { created: boolean } | PromiseLike<unknown>): void {
    if (isThenable(answer)) throw new Error(`the opening of "${name}" waits, although no opening does`);
    if (answer.created) this.#made.push(name);
  }

  /** Returns the values that earlier operations of the batch will store in a dict. */
  #planned(dict: MemoryDict): Planned {
    let planned = this.#keys.get(dict);
    if (planned === undefined) this.#keys.set(dict, (planned = new Map<MapKey, Payload | null>()));
    return planned;
  }

  #plannedPuts(queue: MemoryQueue): PlannedPuts {
    let planned = this.#puts.get(queue);
    if (planned === undefined) this.#puts.set(queue, (planned = { count: 0, ids: new Set() }));
    return planned;
  }

  #sums(dict: MemoryDict, deltas: readonly DictEntry[]): DictEntry[] {
    return sums((key) => dict.peek(key), deltas, this.#planned(dict));
  }

  /** Returns the value that an operation writes to, with the payload that it will store. */
  #write(request: Writing & { name: string }, change: (present: Payload) => Payload): { value: MemoryValue; payload: Payload } {
    const value = this.#object(valueKind, request.name);
    value.assertWritable(request);
    const payload = value.checked(change(this.#values.get(value) ?? value.value));
    this.#values.set(value, payload);
    return { value, payload };
  }
}
