import { create, type MessageShape } from '@bufbuild/protobuf';
import { anyPack, ApiSchema, AnySchema, DurationSchema, TimestampSchema, type Api, type Duration } from '@bufbuild/protobuf/wkt';
import { expect, it } from '@jest/globals';
import { AnyMessage, InvalidArgumentError, SchemaError } from '../../client/index.js';
import { messageSchema } from '../../proto/index.js';
import { collect, fresh, present, suite, itWith } from './support.js';
import type { Target } from './target.js';

/** Values that are protobuf messages. */
export function schemaMessageSuite(target: Target): void {
  suite(target, 'schema: protobuf messages', (clients) => {
    const schema = messageSchema(ApiSchema);
    const api: Api = create(ApiSchema, { name: 'acme', version: 'v1', methods: [{ name: 'Get', requestTypeUrl: 'x/acme.Get' }] });

    it('come back as messages of their type, and are stored as Any', async () => {
      const dict = clients.one.dict<string, Api>(fresh('dict'), { schema });
      await dict.set('api', api);
      const back = present(await dict.get('api'));
      expect(back).toEqual(api);
      expect(back.$typeName).toBe('google.protobuf.Api');
      const { typeUrl, value } = anyPack(ApiSchema, api);
      const stored = await clients.two.dict(dict.name).get('api');
      expect(stored).toBeInstanceOf(AnyMessage);
      expect(stored).toEqual(new AnyMessage(typeUrl, value));
    });

    itWith(target, 'set')('may be given as what makes them, and read and changed everywhere', async () => {
      const half = { name: 'acme' } as Api;
      const list = clients.one.list<Api>(fresh('list'), { schema });
      await list.push(half, api);
      expect(await list.indexOf(half)).toBe(0);
      expect(await collect(list)).toEqual([create(ApiSchema, half), api]);
      const queue = clients.one.queue<Api>(fresh('queue'), { schema });
      await queue.put(api);
      expect((await queue.get({ ack: true })).value).toEqual(api);
      const value = clients.one.value<Api>(fresh('value'), half, { schema });
      expect(await value.update((now) => ({ ...now, version: 'v2' }))).toEqual(create(ApiSchema, { name: 'acme', version: 'v2' }));
      const set = clients.one.set<Api>(fresh('set'), { schema });
      expect(await set.add(api, create(ApiSchema, api))).toBe(1);
      await clients.one
        .atomic()
        .push(list, half)
        .check(value, { name: 'acme', version: 'v2' } as Api)
        .commit();
      expect(await list.length()).toBe(3);
    });

    it.each<[string, unknown, string]>([
      ['a number', 7, 'google.protobuf.Api'],
      ['null', null, 'null'],
      ['an array', [], 'an array'],
      ['a message of another type', create(DurationSchema), 'google.protobuf.Duration'],
      ['a text that is none', { name: 5 }, 'name'],
      ['a text deep inside that is none', { methods: [{ name: 'a' }, { name: {} }] }, 'methods.1.name'],
      ['a flag that is none', { methods: [{ requestStreaming: 'yes' }] }, 'methods.0.requestStreaming'],
      ['a part that is no message', { sourceContext: 5 }, 'google.protobuf'],
    ])('are refused: %s', async (_, given, said) => {
      const dict = clients.one.dict<string, Api>(fresh('dict'), { schema });
      const call = dict.set('api', given as Api);
      await expect(call).rejects.toBeInstanceOf(SchemaError);
      await expect(call).rejects.toThrow(said);
      expect(await dict.exists()).toBe(false);
    });

    it('of another type, and other values, are refused when read', async () => {
      const queue = clients.one.queue<Duration>(fresh('queue'), { schema: messageSchema(DurationSchema) });
      const plain = clients.two.queue(queue.name);
      const other = anyPack(TimestampSchema, create(TimestampSchema, { seconds: 5n }));
      const broken = new AnyMessage('type.googleapis.com/google.protobuf.Duration', Uint8Array.of(8, 255));
      const odd = [new AnyMessage(other.typeUrl, other.value), { seconds: 5 }, broken];
      await plain.putMany(odd);
      for (const value of odd) await expect(queue.get()).rejects.toMatchObject({ code: 'SCHEMA', value, object: queue.name });
    });

    it('may be of any type by the schema of Any', async () => {
      const list = clients.one.list(fresh('list'), { schema: messageSchema(AnySchema) });
      const any: MessageShape<typeof AnySchema> = anyPack(ApiSchema, api);
      await list.push(any);
      expect(await list.at(0)).toEqual(any);
    });

    it('are refused if their bytes lie in a SharedArrayBuffer, with a schema or without one', async () => {
      const view = new Uint8Array(new SharedArrayBuffer(8));
      const list = clients.one.list(fresh('list'), { schema: messageSchema(AnySchema) });
      const call = list.push(create(AnySchema, { typeUrl: 'x/acme.User', value: view }));
      await expect(call).rejects.toBeInstanceOf(SchemaError);
      await expect(call).rejects.toThrow(/value.*SharedArrayBuffer: store a copy, Uint8Array\.from\(view\)/s);
      const plain = clients.one.list<AnyMessage>(fresh('list'));
      await expect(plain.push(new AnyMessage('x/acme.User', view))).rejects.toBeInstanceOf(InvalidArgumentError);
    });

    it('cannot be described by a bare descriptor', () => {
      const make = (): unknown => clients.one.dict(fresh('dict'), { schema: ApiSchema as never });
      expect(make).toThrow(InvalidArgumentError);
      expect(make).toThrow('messageSchema');
    });
  });
}
