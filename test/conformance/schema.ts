import { expect, it } from '@jest/globals';
import * as valibot from 'valibot';
import { z } from 'zod';
import { InvalidArgumentError, SchemaError } from '../../client/index.js';
import { refused, refusedAtOnce, small, user, type User } from './schema-support.js';
import { collect, fresh, present, suite, itWith } from './support.js';
import type { Target } from './target.js';

/** Values that a schema checks when they are written and read. */
export function schemaSuite(target: Target): void {
  suite(target, 'schema: on the way in', (clients) => {
    it('a value that the schema refuses is a SchemaError that names the place, and nothing is stored', async () => {
      const users = clients.one.dict<string, User>(fresh('dict'), { schema: user });
      const error = await refused(users.set('ada', { name: 7, age: -1 } as unknown as User));
      expect(error).toMatchObject({
        code: 'SCHEMA',
        object: users.name,
        mayHaveExecuted: false,
        retryable: false,
        issues: [
          { path: ['name'], message: expect.any(String) },
          { path: ['age'], message: expect.any(String) },
        ],
      });
      expect(error.message).toContain(`"${users.name}"`);
      expect(error.message).toContain('at name: ');
      expect('value' in error).toBe(false);
      expect(await users.exists()).toBe(false);
    });

    it('the output of the schema is stored: with defaults and coercion, without dropped fields', async () => {
      const users = clients.one.dict(fresh('dict'), { schema: user });
      await users.set('ada', { name: 'Ada', nonsense: 1 } as unknown as User);
      expect(await clients.two.dict(users.name).get('ada')).toEqual({ name: 'Ada', age: 18 });
      const numbers = clients.one.list(fresh('list'), { schema: z.coerce.number() });
      await numbers.push('5' as unknown as number);
      expect(await clients.two.list(numbers.name).toArray()).toEqual([5]);
    });

    it('valibot is a schema as well', async () => {
      const schema = valibot.object({ id: valibot.pipe(valibot.number(), valibot.integer()), tags: valibot.array(valibot.string()) });
      const list = clients.one.list(fresh('list'), { schema });
      await list.push({ id: 1, tags: ['a'] });
      expect(await list.at(0)).toEqual({ id: 1, tags: ['a'] });
      const { issues } = await refused(list.push({ id: 1, tags: ['a', 2 as unknown as string] }));
      expect(issues).toEqual([{ path: ['tags', 1], message: expect.any(String) }]);
      expect(await list.length()).toBe(1);
    });

    it('one refused value of many keeps all of them out', async () => {
      const dict = clients.one.dict(fresh('dict'), { schema: small });
      const list = clients.one.list(fresh('list'), { schema: small });
      const set = clients.one.set(fresh('set'), { schema: small });
      const queue = clients.one.queue(fresh('queue'), { schema: small });
      const value = clients.one.value(fresh('value'), 1, { schema: small });
      const [end] = clients.one.pipe(fresh('pipe'), { schema: small });
      const calls = [
        dict.setMany(new Map([['a', 1], ['b', 10]])), // prettier-ignore
        dict.getOrInsert('a', 10),
        dict.compareAndSet('a', undefined, 10),
        dict.update('a', () => 10),
        list.push(1, 10),
        list.unshift(10),
        list.insert(0, 10),
        list.splice(0, 0, 10),
        set.add(1, 10),
        set.addAll([10]),
        queue.put(10),
        queue.putMany([1, 10]),
        queue.tryPut(10),
        value.set(10),
        value.compareAndSet(1, 10),
        value.update(() => 10),
        end.send(10),
      ];
      for (const call of calls) await refused(call);
      expect(await dict.size()).toBe(0);
      expect(await list.exists()).toBe(false);
      expect(await set.exists()).toBe(false);
      expect(await queue.exists()).toBe(false);
      expect(await end.exists()).toBe(false);
      expect(await value.get()).toBe(1);
      await value.set(2, { timeout: 0 });
    });

    it('the initial value of a value is checked when the proxy is made', () => {
      expect(() => clients.one.value(fresh('value'), 10, { schema: small })).toThrow(SchemaError);
    });

    itWith(target, 'set')('what is looked for is made as what is stored, and refused as that', async () => {
      const list = clients.one.list<User>(fresh('list'), { schema: user });
      const ada = { name: 'Ada' } as User;
      await list.push(ada);
      expect(await list.indexOf(ada)).toBe(0);
      expect(await list.includes(ada)).toBe(true);
      expect(await list.count(ada)).toBe(1);
      await refused(list.indexOf({ name: 1 } as unknown as User));
      expect(await list.remove(ada)).toBe(true);

      const set = clients.one.set<User>(fresh('set'), { schema: user });
      await set.add(ada);
      expect(await set.has(ada)).toBe(true);
      expect(await set.isSupersetOf([ada])).toBe(true);
      await refused(set.delete({} as User));
      expect(await set.delete(ada)).toBe(1);

      const dict = clients.one.dict<string, User>(fresh('dict'), { schema: user });
      await dict.set('ada', ada);
      expect(await dict.compareAndSet('ada', ada, { name: 'Ada', age: 36 })).toBe(true);
      await refused(dict.compareAndSet('ada', {} as User, ada));
    });

    it('add() is done by the manager: the schema checks the number when it is read', async () => {
      const dict = clients.one.dict<string, number>(fresh('dict'), { schema: small });
      expect(await dict.add('a', 100)).toBe(100);
      expect((await refused(dict.get('a'))).value).toBe(100);
      const value = clients.one.value<number>(fresh('value'), 1, { schema: small });
      expect(await value.add(100)).toBe(101);
      expect((await refused(value.get())).value).toBe(101);
    });

    it('update() returns the stored value, which is the output of the schema', async () => {
      const dict = clients.one.dict<string, User>(fresh('dict'), { schema: user });
      expect(await dict.update('ada', () => ({ name: 'Ada' }) as User)).toEqual({ name: 'Ada', age: 18 });
      expect(await dict.update('ada', () => undefined)).toBeUndefined();
      const value = clients.one.value<User>(fresh('value'), { name: 'Ada', age: 1 }, { schema: user });
      expect(await value.update(() => ({ name: 'Bob' }) as User)).toEqual({ name: 'Bob', age: 18 });
      expect(await value.get()).toEqual({ name: 'Bob', age: 18 });
    });

    it('applies to a held value: a refused assignment leaves it', async () => {
      const value = clients.one.value<User>(fresh('value'), { name: 'Ada', age: 1 }, { schema: user });
      {
        await using held = await value.lock();
        expect(refusedAtOnce(() => (held.value = {} as User)).issues).toHaveLength(1);
        expect(held.value).toEqual({ name: 'Ada', age: 1 });
        held.value = { name: 'Bob' } as User;
        expect(held.value).toEqual({ name: 'Bob', age: 18 });
      }
      expect(await clients.two.value(value.name, {}).get()).toEqual({ name: 'Bob', age: 18 });
    });

    itWith(target, 'atomic')('goes for batches, which apply nothing', async () => {
      const dict = clients.one.dict<string, User>(fresh('dict'), { schema: user });
      const list = clients.one.list(fresh('list'), { schema: small });
      const queue = clients.one.queue(fresh('queue'), { schema: small });
      const value = clients.one.value(fresh('value'), 1, { schema: small });
      await value.create();
      const ada = { name: 'Ada' } as User;
      await refused(
        clients.one
          .atomic()
          .push(list, 1)
          .set(dict, 'ada', {} as User)
          .commit(),
      );
      await refused(clients.one.atomic().push(list, 1, 10).commit());
      await refused(clients.one.atomic().push(list, 1).put(queue, 10).commit());
      await refused(clients.one.atomic().push(list, 1).set(value, 10).commit());
      await refused(clients.one.atomic().check(value, 10).push(list, 1).commit());
      expect(await list.exists()).toBe(false);
      expect(await clients.one.atomic().set(dict, 'ada', ada).push(list, 1).put(queue, 2).set(value, 3).commit()).toMatchObject({
        ok: true,
      });
      expect(await clients.one.atomic().check(dict, 'ada', ada).add(value, 100).commit()).toEqual({ ok: true, results: [103] });
      expect(await clients.two.dict(dict.name).get('ada')).toEqual({ name: 'Ada', age: 18 });
    });
  });

  suite(target, 'schema: on the way out', (clients) => {
    it('a value that others stored is checked when it is read, and is the value of the error', async () => {
      const users = clients.one.dict<string, User>(fresh('dict'), { schema: user });
      const plain = clients.two.dict<string, unknown>(users.name);
      await plain.set('odd', { name: 'Odd', age: 'old' });
      const error = await refused(users.get('odd'));
      expect(error).toMatchObject({
        object: users.name,
        mayHaveExecuted: true,
        value: { name: 'Odd', age: 'old' },
        issues: [{ path: ['age'] }],
      });
      await plain.set('ada', { name: 'Ada' });
      expect(await users.get('ada')).toEqual({ name: 'Ada', age: 18 });
      expect(await users.get('nobody')).toBeUndefined();
      expect(await refused(users.toMap())).toMatchObject({ key: 'odd', message: expect.stringContaining('under "odd"') });
      expect(await refused(users.getMany(['ada', 'odd']))).toMatchObject({ key: 'odd' });
      expect(await refused(collect(users))).toMatchObject({ key: 'odd' });
      expect(await refused(collect(users.values()))).toMatchObject({ key: 'odd' });
      expect(await collect(users.keys())).toEqual(['odd', 'ada']);
      await refused(users.update('odd', (present) => present));
      expect(await plain.get('odd')).toEqual({ name: 'Odd', age: 'old' });
    });

    it('values are frozen, also the ones that the schema makes', async () => {
      const users = clients.one.dict(fresh('dict'), { schema: z.object({ tags: z.array(z.string()).default([]) }) });
      await users.set('ada', { tags: ['a'] });
      const ada = present(await users.get('ada'));
      expect([Object.isFrozen(ada), Object.isFrozen(ada.tags)]).toEqual([true, true]);
    });

    itWith(target, 'pipe')('what was taken and refused is in the error: nothing is lost', async () => {
      const dict = clients.two.dict<string, unknown>(fresh('dict'));
      const list = clients.two.list(fresh('list'));
      const set = clients.two.set(fresh('set'));
      const queue = clients.two.queue(fresh('queue'));
      const [far] = clients.two.pipe(fresh('pipe'));
      await dict.setMany({ a: 'x', b: '' });
      await list.push('x', 1, '', 2, 3);
      await set.add('x');
      await queue.putMany(['x', '', 1, 'y', 2]);
      await far.send('x');

      const checkedDict = clients.one.dict<string, number>(dict.name, { schema: small });
      expect(await refused(checkedDict.popItem())).toMatchObject({ key: 'b', value: '' });
      expect(await refused(checkedDict.pop('a'))).toMatchObject({ value: 'x', mayHaveExecuted: true });
      expect(await dict.size()).toBe(0);

      const checkedList = clients.one.list(list.name, { schema: small });
      expect(await refused(checkedList.shift())).toMatchObject({ value: 'x' });
      expect(await refused(checkedList.toArray())).toMatchObject({ key: 1, value: [1, '', 2, 3] });
      expect(await refused(checkedList.splice(0, 3))).toMatchObject({
        key: 1,
        value: [1, '', 2],
        message: expect.stringContaining('under 1'),
      });
      expect(await checkedList.pop()).toBe(3);
      expect(await list.length()).toBe(0);

      expect(await refused(clients.one.set(set.name, { schema: small }).pop())).toMatchObject({ value: 'x' });
      expect(await set.size()).toBe(0);

      const checkedQueue = clients.one.queue(queue.name, { schema: small });
      expect(await refused(checkedQueue.get())).toMatchObject({ value: 'x' });
      expect(await refused(checkedQueue.tryGet())).toMatchObject({ value: '' });
      expect(await refused(checkedQueue.peek(2))).toMatchObject({ key: 1, value: [1, 'y'] });
      expect(await refused(checkedQueue.getMany(3))).toMatchObject({ key: 1, value: [1, 'y', 2] });
      expect(await queue.size()).toBe(0);

      const [, near] = clients.one.pipe(far.name, { schema: small });
      expect(await refused(near.receive())).toMatchObject({ value: 'x' });
      expect(await near.poll({ timeout: 0 })).toBe(false);
    });

    it('a proxy that passed through another object has no schema', async () => {
      const list = clients.one.list(fresh('list'), { schema: small });
      const proxies = clients.one.dict<string, typeof list>(fresh('dict'));
      await proxies.set('list', list);
      await present(await proxies.get('list')).push(10);
      await refused(list.at(0));
    });

    itWith(target, 'set')('sets that are combined are checked as a whole', async () => {
      const set = clients.one.set(fresh('set'), { schema: small });
      await set.add(1, 2);
      expect(await set.union([2, 3])).toEqual(new Set([1, 2, 3]));
      const other = clients.two.set<unknown>(fresh('set'));
      await other.add(2, 'x');
      expect(await set.intersection(clients.one.set(other.name))).toEqual(new Set([2]));
      expect(await refused(set.union(clients.one.set(other.name)))).toMatchObject({ value: [1, 2, 'x'], key: 2 });
    });
  });

  suite(target, 'schema: wrong ones', (clients) => {
    it('an object that is no schema is refused when it is given', () => {
      for (const schema of [
        7,
        null,
        {},
        () => true,
        { '~standard': null },
        { '~standard': { version: 2, validate: () => ({ value: 1 }) } },
      ]) {
        expect(() => clients.one.dict(fresh('dict'), { schema: schema as never })).toThrow(InvalidArgumentError);
      }
    });

    it('kinds without values refuse a schema', () => {
      const options = { schema: small } as object;
      const makers = [
        () => clients.one.lock(fresh('lock'), options),
        () => clients.one.event(fresh('event'), options),
        () => clients.one.semaphore(fresh('semaphore'), 1, options),
        () => clients.one.array(fresh('array'), 'i32', 1, options),
        () => clients.one.namespace(fresh('namespace'), {}, options),
      ];
      for (const make of makers) expect(make).toThrow(InvalidArgumentError);
    });

    it('an async schema is refused, with the reason', async () => {
      const schema = z.string().refine(() => Promise.resolve(false));
      const dict = clients.one.dict(fresh('dict'), { schema });
      expect((await refused(dict.set('a', 'text'))).message).toContain('asynchronous');
      expect(await dict.exists()).toBe(false);
    });
  });
}
