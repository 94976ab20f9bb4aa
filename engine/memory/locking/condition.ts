import type { CallContext, Handlers } from '../../../proto/contract.js';
import type { NotFoundError } from '../../../proto/errors.js';
import type { ConditionService, ConditionServiceWaitResponse } from '../../../proto/gen/commonhold/v1/condition_wire.js';
import type { StateOf } from '../../../proto/state.js';
import type { Future } from '../../core/future.js';
import type { Restoring } from '../../core/restoring.js';
import { mutexHandlers } from '../../core/mutex-handlers.js';
import { checkNamedLock, lockDestroyed, namedLock, type NamedLock } from '../../core/named-lock.js';
import { SharedObject, type Keyspace, type ObjectKind } from '../lifetime/keyspace.js';
import { lockKind, type MemoryLock } from './lock.js';
import { MemoryMutex } from './mutex.js';
import type { Exclusion } from './queued-lock.js';
import { ConditionWait, type Notifier } from './condition-wait.js';
import { WaitList } from './waiters.js';

/** A condition with its own mutex, or with the mutex of a named lock. */
export class MemoryCondition extends SharedObject implements Notifier {
  readonly kind = 'condition';
  readonly size = 1;
  /** Its own mutex; undefined if it uses a named lock. */
  readonly mutex: MemoryMutex | undefined;
  /** Waits for a notification. */
  readonly waits: WaitList<ConditionWait, boolean>;
  /** Finds its named lock, if it uses one. */
  readonly #lockKind: ObjectKind<MemoryLock> | undefined;

  constructor(
    name: string,
    readonly keyspace: Keyspace,
    exclusion: Exclusion,
    readonly lock: NamedLock | undefined,
  ) {
    super(name);
    this.waits = new WaitList(keyspace.clock);
    if (lock === undefined) this.mutex = new MemoryMutex(name, exclusion, true);
    else this.#lockKind = lockKind(lock.kind, exclusion);
  }

  /** Returns its own mutex, or the one of its named lock. @throws NotFoundError if that lock was destroyed */
  mutexFor(context: CallContext): MemoryMutex {
    if (this.lock === undefined) return this.mutex!;
    const found = this.keyspace.claim(this.#lockKind!, this.lock.name, context);
    if (found === undefined) throw lockDestroyed(this.name, this.lock);
    return found.mutex;
  }

  get ended(): boolean {
    return this.links.ended;
  }

  override get waiters(): number {
    return this.waits.size + (this.mutex?.waiters ?? 0);
  }

  override options(): Record<string, string> {
    return this.lock ? { [this.lock.kind]: this.lock.name } : {};
  }

  override state() {
    const { lock, mutex } = this;
    return { lock: lock && { ...lock }, mutex: mutex?.state(), waits: this.waits.state((wait) => wait.state()) };
  }

  override restore({ mutex, waits }: StateOf<MemoryCondition>, restoring: Restoring): void {
    if (mutex !== undefined) this.mutex!.restore(mutex, restoring);
    this.waits.restore(waits, restoring);
  }

  override heldUnder(token: number): boolean {
    if (this.lock === undefined) return this.mutex!.holds(token);
    return this.keyspace.find(this.#lockKind!, this.lock.name)?.mutex.holds(token) === true;
  }

  override holders() {
    const holder = this.mutex?.holder();
    return holder ? [holder] : [];
  }

  wait(context: CallContext, token: number, timeoutMs: number | undefined): Future<ConditionServiceWaitResponse> {
    const mutex = this.mutexFor(context);
    const wait = new ConditionWait(this, mutex, context, token, (levelEnded) => mutex.suspend(token, levelEnded));
    wait.begin(timeoutMs);
    return wait.answer;
  }

  notify(context: CallContext, token: number, count: number): void {
    this.mutexFor(context).check(token);
    this.wake(count);
  }

  notifyAll(context: CallContext, token: number): void {
    this.mutexFor(context).check(token);
    // All waiters are notified, so none has to pass its notification on if it fails.
    while (this.waits.first) this.waits.first.succeed(false);
  }

  wake(count: number): void {
    for (let left = count; left > 0 && this.waits.first; left--) this.waits.first.succeed(true);
  }

  override destroyed(gone: () => NotFoundError): void {
    this.waits.failAll(gone);
    this.mutex?.destroy(gone);
  }
}

export function conditionHandlers(keyspace: Keyspace, exclusion: Exclusion): Handlers<typeof ConditionService> {
  const made = (lock: NamedLock | undefined): ObjectKind<MemoryCondition> => ({
    kind: 'condition',
    make: (name) => new MemoryCondition(name, keyspace, exclusion, lock),
  });
  const kind = made(undefined);
  const find = (name: string, context: CallContext): MemoryCondition => keyspace.open(kind, name, context);

  return {
    open(request, context) {
      const { name, lock, rlock } = request;
      const asked = namedLock(name, lock, rlock);
      keyspace.check(kind, name);
      // The lock comes first: if its name belongs to an object of another kind, this throws before the condition is made.
      if (asked && keyspace.find(kind, name) === undefined) {
        keyspace.create(lockKind(asked.kind, exclusion), { name: asked.name, exclusive: false }, context);
      }
      const { object, created } = keyspace.create(made(asked), request, context);
      if (created && asked) object.links.addName(asked.name);
      checkNamedLock(name, object.lock, asked);
      return { created };
    },

    ...mutexHandlers((name, context) => find(name, context).mutexFor(context)),

    wait: ({ name, token, timeoutMs }, context) => find(name, context).wait(context, token, timeoutMs),

    notify({ name, token, count }, context) {
      find(name, context).notify(context, token, count ?? 1);
      return {};
    },

    notifyAll({ name, token }, context) {
      find(name, context).notifyAll(context, token);
      return {};
    },
  };
}
