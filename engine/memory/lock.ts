import type { Handlers } from '../../proto/contract.js';
import type { LockService } from '../../proto/gen/commonhold/v1/lock_wire.js';
import { SharedObject, gone, type Keyspace, type Kind } from './keyspace.js';
import { Mutex } from './mutex.js';
import type { Tokens } from './tokens.js';

/** A lock: the holder is a token, not a connection or a process. */
class Lock extends SharedObject {
  readonly kind = 'lock';
  readonly size = 1;
  readonly mutex: Mutex;

  constructor(name: string, tokens: Tokens) {
    super(name);
    this.mutex = new Mutex(name, tokens);
  }

  override get waiters(): number {
    return this.mutex.waiters;
  }

  override holders() {
    const holder = this.mutex.holder();
    return holder ? [holder] : [];
  }

  override destroyed(): void {
    this.mutex.destroy(() => gone(this.name));
  }
}

export function lockHandlers(keyspace: Keyspace, tokens: Tokens): Handlers<typeof LockService> {
  const kind: Kind<Lock> = { kind: 'lock', make: (name) => new Lock(name, tokens) };
  return {
    open: ({ name, exclusive }) => ({ created: keyspace.create(kind, name, exclusive).created }),

    acquire: ({ name, timeoutMs, leaseMs }, context) => keyspace.open(kind, name, context).mutex.acquire(context, timeoutMs, leaseMs),

    release({ name, token }, context) {
      keyspace.open(kind, name, context).mutex.release(token);
      return {};
    },

    extend({ name, token, leaseMs }, context) {
      keyspace.open(kind, name, context).mutex.extend(token, leaseMs);
      return {};
    },

    holder({ name }, context) {
      const { mutex } = keyspace.open(kind, name, context);
      return { holder: mutex.holder(), waiters: mutex.waiters };
    },
  };
}
