import type { Engine, Handler, Handlers } from '../../proto/contract.js';
import { DictService } from '../../proto/gen/commonhold/v1/dict_wire.js';
import { ListService } from '../../proto/gen/commonhold/v1/list_wire.js';
import { LockService } from '../../proto/gen/commonhold/v1/lock_wire.js';
import { ManagerService } from '../../proto/gen/commonhold/v1/manager_wire.js';
import { QueueService } from '../../proto/gen/commonhold/v1/queue_wire.js';
import { ValueService } from '../../proto/gen/commonhold/v1/value_wire.js';
import type { Method, Service } from '../../proto/wire/codec.js';
import { dictHandlers } from './dict.js';
import { Keyspace } from './keyspace.js';
import { listHandlers } from './list.js';
import { lockHandlers } from './lock.js';
import { managerHandlers, type Host } from './manager.js';
import { queueHandlers } from './queue.js';
import { Tokens } from './tokens.js';
import { valueHandlers } from './value.js';

export type { Host } from './manager.js';

/** The contract over JavaScript collections of bytes. The event loop makes each call atomic. */
export function createMemoryEngine(host: Host): Engine {
  const name = 'memory';
  const keyspace = new Keyspace();
  const tokens = new Tokens();
  const handlers = new Map<Method, Handler>();
  const serve = <S extends Service>(service: S, implementation: Handlers<S>): void => {
    for (const [key, method] of Object.entries(service.methods)) {
      handlers.set(method, implementation[key as keyof Handlers<S>]);
    }
  };

  serve(ManagerService, managerHandlers(keyspace, name, host));
  serve(DictService, dictHandlers(keyspace));
  serve(ListService, listHandlers(keyspace));
  serve(QueueService, queueHandlers(keyspace));
  serve(ValueService, valueHandlers(keyspace, tokens));
  serve(LockService, lockHandlers(keyspace, tokens));

  return {
    name,
    handler: (method) => handlers.get(method),
    close: () => {
      for (const object of keyspace.objects.values()) object.destroyed();
    },
  };
}
