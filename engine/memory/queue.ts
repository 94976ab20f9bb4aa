import type { CallContext, Handlers } from '../../proto/contract.js';
import {
  InvalidArgumentError,
  OptionsConflictError,
  QueueEmptyError,
  QueueFullError,
  QueueShutDownError,
  TimeoutError,
} from '../../proto/errors.js';
import type { QueueService } from '../../proto/gen/commonhold/v1/queue_wire.js';
import type { Payload } from '../../proto/wire/values.js';
import { keep } from './bytes.js';
import { Deque } from './deque.js';
import { SharedObject, gone, type Keyspace, type Kind } from './keyspace.js';
import { WaitList } from './waiters.js';

/** What a waiting put still has to bring in, and how many went in already. */
interface Pending {
  values: readonly Payload[];
  accepted: number;
}

/** A first-in, first-out queue: Python's Queue. */
class Queue extends SharedObject {
  readonly kind = 'queue';
  readonly #items = new Deque<Payload>();
  /** Calls that want up to so many items. While some wait, there are no items. */
  readonly #getters = new WaitList<number, Payload[]>();
  /** Calls that bring items. While some wait, there is no room. */
  readonly #putters = new WaitList<Pending, void>();
  readonly #joiners = new WaitList<void, void>();
  /** Items ever put and not yet worked off. */
  #unfinished = 0;
  #shutDown = false;

  constructor(
    name: string,
    readonly capacity: number,
  ) {
    super(name);
  }

  get size(): number {
    return this.#items.length;
  }

  override get waiters(): number {
    return this.#getters.size + this.#putters.size + this.#joiners.size;
  }

  override options(): Record<string, string> {
    return { capacity: String(this.capacity), unfinished: String(this.#unfinished), shutDown: String(this.#shutDown) };
  }

  put(values: readonly Payload[], context: CallContext, timeoutMs: number | undefined): void | Promise<void> {
    if (this.#shutDown) throw this.#closed();
    const pending = { values, accepted: 0 };
    if (this.#putters.size === 0) this.#bringIn(pending);
    if (pending.accepted === values.length) return;
    return this.#putters.wait(context, pending, timeoutMs, (late) => this.#full(late));
  }

  get(most: number, context: CallContext, timeoutMs: number | undefined): Payload[] | Promise<Payload[]> {
    if (this.#items.length > 0) {
      const taken = this.#handOver(most, context);
      this.#admit();
      return taken;
    }
    if (this.#shutDown) throw this.#closed();
    return this.#getters.wait(context, most, timeoutMs, () => new QueueEmptyError(`"${this.name}" is empty`, { object: this.name }));
  }

  peek(count: number): Payload[] {
    return this.#items.slice(0, Math.min(count, this.#items.length));
  }

  clear(): number {
    const cleared = this.#items.length;
    this.#items.replace([]);
    this.#finish(cleared);
    this.#admit();
    return cleared;
  }

  taskDone(count: number): void {
    if (count > this.#unfinished) {
      throw new InvalidArgumentError(`taskDone(${count}) when ${this.#unfinished} items are unfinished: call it once for each item taken`, {
        object: this.name,
      });
    }
    this.#finish(count);
  }

  join(context: CallContext, timeoutMs: number | undefined): void | Promise<void> {
    if (this.#unfinished === 0) return;
    return this.#joiners.wait(
      context,
      undefined,
      timeoutMs,
      () => new TimeoutError(`${this.#unfinished} items of "${this.name}" are unfinished`, { object: this.name }),
    );
  }

  shutDown(immediate: boolean): void {
    this.#shutDown = true;
    this.#putters.failAll(() => this.#closed());
    if (immediate) this.clear();
    if (this.#items.length === 0) this.#getters.failAll(() => this.#closed());
  }

  override destroyed(): void {
    for (const list of [this.#getters, this.#putters, this.#joiners]) list.failAll(() => gone(this.name));
  }

  get #room(): number {
    return this.capacity === 0 ? Infinity : this.capacity - this.#items.length;
  }

  /** Takes in what there is room for, and gives it to those who wait, which may make room for more. */
  #bringIn(pending: Pending): void {
    const { values } = pending;
    while (pending.accepted < values.length && this.#room > 0) {
      const end = Math.min(values.length, pending.accepted + this.#room);
      for (let i = pending.accepted; i < end; i++) this.#items.push(keep(values[i]!));
      this.#unfinished += end - pending.accepted;
      pending.accepted = end;
      this.#serve();
    }
  }

  /** Gives items to those who wait for them. */
  #serve(): void {
    for (let getter = this.#getters.first; getter !== undefined && this.#items.length > 0; getter = this.#getters.first) {
      getter.succeed(this.#handOver(getter.want, getter.context));
    }
  }

  /** Lets in what waits for room. */
  #admit(): void {
    for (let putter = this.#putters.first; putter !== undefined && this.#room > 0; putter = this.#putters.first) {
      this.#bringIn(putter.want);
      if (putter.want.accepted === putter.want.values.length) putter.succeed();
    }
  }

  #handOver(most: number, context: CallContext): Payload[] {
    const items = this.#items.shiftMany(most);
    context.handOver((taken) => this.#takeBack(items.slice(taken)));
    return items;
  }

  /** Puts items that were handed out back to the head. */
  #takeBack(items: readonly Payload[]): void {
    this.#items.unshiftAll(items);
    this.#serve();
  }

  #finish(count: number): void {
    this.#unfinished -= count;
    while (this.#unfinished === 0 && this.#joiners.first) this.#joiners.first.succeed();
  }

  #closed(): QueueShutDownError {
    return new QueueShutDownError(`"${this.name}" was shut down`, { object: this.name });
  }

  #full({ accepted }: Pending): QueueFullError {
    return new QueueFullError(`"${this.name}" is full: it holds ${this.capacity}`, { object: this.name, accepted });
  }
}

export function queueHandlers(keyspace: Keyspace): Handlers<typeof QueueService> {
  const kind: Kind<Queue> = { kind: 'queue', make: (name) => new Queue(name, 0) };
  return {
    open({ name, exclusive, capacity }) {
      const { object, created } = keyspace.create({ kind: 'queue', make: () => new Queue(name, capacity ?? 0) }, name, exclusive);
      if (capacity !== undefined && object.capacity !== capacity) {
        throw new OptionsConflictError(`"${name}" has the capacity ${object.capacity}, not ${capacity}`, { object: name });
      }
      return { created };
    },

    put: ({ name, value, timeoutMs }, context) => answer(keyspace.open(kind, name, context).put([value], context, timeoutMs), nothing),

    putMany: ({ name, values, timeoutMs }, context) => answer(keyspace.open(kind, name, context).put(values, context, timeoutMs), nothing),

    get: ({ name, timeoutMs }, context) =>
      answer(keyspace.open(kind, name, context).get(1, context, timeoutMs), ([value]) => ({ value: value! })),

    getMany({ name, max, timeoutMs }, context) {
      if (max === 0) throw new InvalidArgumentError('getMany of 0 items: ask for at least 1', { object: name });
      return answer(keyspace.open(kind, name, context).get(max, context, timeoutMs), (values) => ({ values }));
    },

    peek: ({ name, count }, context) => ({ values: keyspace.open(kind, name, context).peek(count || 1) }),

    size: ({ name }, context) => ({ size: keyspace.open(kind, name, context).size }),

    clear: ({ name }, context) => ({ cleared: keyspace.open(kind, name, context).clear() }),

    taskDone({ name, count }, context) {
      keyspace.open(kind, name, context).taskDone(count || 1);
      return {};
    },

    join: ({ name, timeoutMs }, context) => answer(keyspace.open(kind, name, context).join(context, timeoutMs), nothing),

    shutdown({ name, immediate }, context) {
      keyspace.open(kind, name, context).shutDown(immediate);
      return {};
    },
  };
}

/** Makes the response of a result, now or when it is there. */
function answer<T, R>(result: T | Promise<T>, make: (result: T) => R): R | Promise<R> {
  return result instanceof Promise ? result.then(make) : make(result);
}

const nothing = (): Record<string, never> => ({});
