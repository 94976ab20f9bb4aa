// The types of schemas.
import * as valibot from 'valibot';
import { z } from 'zod';
import {
  SchemaError,
  type Frozen,
  type HeldValue,
  type Key,
  type Manager,
  type PipeEnd,
  type PipeReceiver,
  type SchemaIssue,
} from 'commonhold';
import type { SharedDict, SharedList, SharedQueue, SharedSet, SharedValue, StandardSchema } from 'commonhold';
import { DictServiceGetRequestSchema, messageSchema, type DictServiceGetRequest } from 'commonhold/proto';
import { compiles, typed } from './support.js';

const user = z.object({ name: z.string(), age: z.number().default(18) });
interface User {
  name: string;
  age: number;
}
const tag = valibot.picklist(['a', 'b']);

compiles((manager: Manager) => {
  typed<SharedDict<Key, User>>()(manager.dict('users', { schema: user }));
  typed<SharedDict<string, User>>()(manager.dict<string, User>('users', { schema: user, ttl: 5 }));
  typed<SharedDict<Key, 'a' | 'b'>>()(manager.dict('tags', { schema: tag }));
  typed<SharedList<User>>()(manager.list('users', { schema: user }));
  typed<SharedSet<'a' | 'b'>>()(manager.set('tags', { schema: tag }));
  typed<SharedQueue<User>>()(manager.queue('users', { schema: user, capacity: 3 }));
  typed<SharedValue<User>>()(manager.value('user', { name: 'Ada', age: 1 }, { schema: user }));
  typed<SharedValue<number>>()(manager.value('count', 0, { schema: z.number(), type: 'i32' }));
  typed<SharedDict>()(manager.dict('any', {}));
  // @ts-expect-error Another type than the schema's.
  manager.dict<string, number>('users', { schema: user });
  // @ts-expect-error Another type than the schema's.
  manager.queue<string>('users', { schema: valibot.number() });
  // @ts-expect-error The initial value does not match the schema.
  manager.value('user', { name: 'Ada' }, { schema: user });
  // @ts-expect-error No schema.
  manager.dict('users', { schema: { parse: () => 1 } });
});

compiles(async (manager: Manager) => {
  const users = manager.dict('users', { schema: user });
  const ada = await users.get('ada');
  typed<Frozen<User> | undefined>()(ada);
  // @ts-expect-error The value does not match the schema.
  await users.set('ada', { name: 1, age: 2 });
  const held = await manager.value('user', { name: 'Ada', age: 1 }, { schema: user }).lock();
  typed<HeldValue<User>>()(held);
});

compiles((manager: Manager) => {
  typed<[PipeEnd<User>, PipeEnd<User>]>()(manager.pipe('pipe', { schema: user }));
  const [receiver] = manager.pipe('pipe', { schema: user, duplex: false });
  typed<PipeReceiver<User>>()(receiver);
  typed<[PipeEnd<string, number>, PipeEnd<number, string>]>()(
    manager.pipe<string, number>('pipe', { schema: z.union([z.string(), z.number()]) }),
  );
  // @ts-expect-error Neither direction has flags.
  manager.pipe<string, number>('pipe', { schema: z.boolean() });
});

compiles((manager: Manager) => {
  const schema = messageSchema(DictServiceGetRequestSchema);
  typed<SharedDict<Key, DictServiceGetRequest>>()(manager.dict('requests', { schema }));
  typed<SharedDict<string, DictServiceGetRequest>>()(manager.dict<string, DictServiceGetRequest>('requests', { schema }));
  // @ts-expect-error Another type than the schema's.
  manager.list<string>('requests', { schema });
  // @ts-expect-error A descriptor is no schema: it has to be wrapped.
  manager.dict('requests', { schema: DictServiceGetRequestSchema });
});

compiles((manager: Manager) => {
  // @ts-expect-error A lock holds no values.
  manager.lock('lock', { schema: user });
  // @ts-expect-error Nor does an event.
  manager.event('event', { schema: user });
  // @ts-expect-error Nor does a semaphore.
  manager.semaphore('semaphore', 1, { schema: user });
  // @ts-expect-error An array has a type of its own.
  manager.array('array', 'i32', 1, { schema: user });
  // @ts-expect-error A namespace has none.
  manager.namespace('namespace', {}, { schema: user });
});

compiles((own: StandardSchema<number>, manager: Manager, error: unknown) => {
  typed<SharedList<number>>()(manager.list('own', { schema: own }));
  if (error instanceof SchemaError) {
    typed<readonly SchemaIssue[]>()(error.issues);
    typed<unknown>()(error.value);
    typed<Key | undefined>()(error.key);
  }
});
