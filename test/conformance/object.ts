import { expect, it } from '@jest/globals';
import {
  AlreadyExistsError,
  InvalidArgumentError,
  NotFoundError,
  OptionsConflictError,
  type Manager,
  type RemoteObject,
  type SharedDict,
} from '../../client/index.js';
import { fresh, present, range, suite } from './support.js';
import type { Target } from './target.js';
import type { Account, Cursor, Echo, Square, Tally } from './types/registered.js';

/** Objects of registered types: their creation, their calls, and the values they exchange. */
export function objectSuite(target: Target): void {
  const account = (manager: Manager, name?: string, ...args: unknown[]): RemoteObject<Account> =>
    manager.object<Account>('Account', name, ...args);
  const echo = (manager: Manager): RemoteObject<Echo> => manager.object<Echo>('Echo', fresh('object'));

  suite(target, 'object: making', (clients) => {
    it('makes an instance with the first operation, with the arguments given', async () => {
      const made = account(clients.one, fresh('object'), 10, 'Ada');
      expect(await made.exists()).toBe(false);
      expect(await made.balance()).toBe(10);
      expect(await made.holder()).toBe('Ada');
    });

    it('is one instance to all clients that use its name, with the arguments of the first', async () => {
      const one = account(clients.one, fresh('object'), 10);
      await one.deposit(5);
      const two = account(clients.two, one.name, 99);
      expect(await two.balance()).toBe(15);
      await two.withdraw(1);
      expect(await one.balance()).toBe(14);
    });

    it('without a name is a new one each time', async () => {
      const [one, two] = [account(clients.one, undefined, 1), account(clients.one, undefined, 2)];
      expect([await one.balance(), await two.balance()]).toEqual([1, 2]);
    });

    it('create() makes it, and refuses one that exists', async () => {
      const made = await account(clients.one, fresh('object'), 7).create();
      expect(await made.balance()).toBe(7);
      await expect(account(clients.two, made.name).create()).rejects.toBeInstanceOf(AlreadyExistsError);
    });

    it('a new one is made after its end', async () => {
      const made = account(clients.one, fresh('object'), 10);
      await made.deposit(1);
      await made.destroy();
      expect(await made.balance()).toBe(10);
    });

    it('of a type that is not registered is refused, naming the registered ones', async () => {
      const name = fresh('object');
      for (const type of ['Nothing', 'account', 'Object', 'constructor', '__proto__', 'toString', 'x'.repeat(10_000)]) {
        const refused = clients.one.object(type, name).call('x');
        await expect(refused).rejects.toBeInstanceOf(InvalidArgumentError);
        await expect(refused).rejects.toThrow(/no type is registered as .*"Account"/);
      }
      expect(await account(clients.one, name).exists()).toBe(false);
    });

    it('of another type than the object has is refused', async () => {
      const made = await account(clients.one, fresh('object')).create();
      await expect(clients.two.object<Echo>('Echo', made.name).count()).rejects.toBeInstanceOf(OptionsConflictError);
      expect(await made.balance()).toBe(0);
    });

    it('refuses a type without a name, and arguments that cannot be encoded, when the proxy is made', () => {
      expect(() => clients.one.object('')).toThrow(InvalidArgumentError);
      expect(() => clients.one.object(undefined as never)).toThrow(InvalidArgumentError);
      expect(() => account(clients.one, fresh('object'), () => 1)).toThrow(InvalidArgumentError);
    });

    it('shows its type in the list of objects', async () => {
      const made = await account(clients.one, fresh('object')).create();
      for await (const info of clients.two.objects({ kind: 'object', match: made.name })) {
        expect(info).toMatchObject({ kind: 'object', name: made.name, options: { type: 'Account' }, waiters: 0 });
      }
    });
  });

  suite(target, 'object: calling', (clients) => {
    it('calls methods and reads getters (Python: test_mymanager)', async () => {
      const made = account(clients.one, fresh('object'));
      expect(await made.deposit(5)).toBe(5);
      expect(await made.balance()).toBe(5);
      expect(await made.call('deposit', [1])).toBe(6);
      expect(await made.call('balance')).toBe(6);
    });

    it('calls of one session run in the order sent, without awaiting', async () => {
      const made = account(clients.one, fresh('object'));
      expect(await Promise.all(range(0, 200).map(() => made.deposit(1)))).toEqual(range(1, 201));
    });

    it('counts the calls of several clients', async () => {
      const name = fresh('object');
      const calls = range(0, 100).flatMap(() => [clients.one, clients.two].map((manager) => account(manager, name).deposit(1)));
      await Promise.all(calls);
      expect(await account(clients.one, name).balance()).toBe(200);
    });

    it('inherits methods, and calls overridden ones', async () => {
      const square = clients.one.object<Square>('Square', fresh('object'));
      expect(await square.sides()).toBe(4);
      expect(await square.call('name')).toBe('shape');
    });

    it('calls the methods inherited from a builtin class', async () => {
      const tally = clients.one.object<Tally>('Tally', fresh('object'));
      await tally.tally('a');
      await tally.tally('a');
      expect([await tally.get('a'), await tally.size(), await tally.has('b')]).toEqual([2, 1, false]);
    });

    it('copies arguments and results, undefined too', async () => {
      const remote = echo(clients.one);
      const value = { map: new Map([['a', new Set([1n])]]), when: new Date(5), bytes: Uint8Array.of(1, 2), none: undefined, nan: NaN };
      expect(await remote.first(value)).toEqual(value);
      expect(await remote.all(1, undefined, null, 'a', 1n, 2n ** 80n)).toEqual([1, undefined, null, 'a', 1n, 2n ** 80n]);
      expect(await remote.first(undefined)).toBeUndefined();
      expect(await remote.first()).toBeUndefined();
      expect(await remote.count(undefined, undefined)).toBe(2);
      expect(await remote.count()).toBe(0);
      expect(await Promise.all([null, undefined, 'x', 1n, new Map()].map((each) => remote.describe(each)))).toEqual([
        'Null',
        'undefined',
        'String',
        'BigInt',
        'Map',
      ]);
    });

    it('changes of an argument in the manager do not come back', async () => {
      const list = [1];
      expect(await echo(clients.one).change(list)).toEqual([1, 0]);
      expect(list).toEqual([1]);
    });

    it('refuses arguments that cannot be encoded, and calls nothing', async () => {
      const remote = echo(clients.one);
      await expect(remote.keep(() => 1)).rejects.toBeInstanceOf(InvalidArgumentError);
      expect(await remote.kept()).toEqual([]);
    });

    it('refuses arguments of a getter', async () => {
      const made = account(clients.one, fresh('object'));
      const balance = made.balance as unknown as (value: number) => Promise<number>;
      await expect(balance(1)).rejects.toBeInstanceOf(InvalidArgumentError);
    });

    it('calls methods by call() whose names the proxy has itself', async () => {
      const remote = echo(clients.one);
      expect(remote.name).not.toBe('its own name');
      expect(await remote.call('name')).toBe('its own name');
      expect(await remote.call('destroy')).toBe('its own destroy');
      expect(await remote.exists()).toBe(true);
      expect(await remote.call('toString')).toBe('an echo');
      expect(Object.prototype.toString.call(remote)).toBe('[object Object]');
    });

    it('an async function can return it, and await leaves it as it is', async () => {
      const remote = echo(clients.one);
      const given = await Promise.resolve(remote);
      expect(given).toBe(remote);
      expect((remote as { then?: unknown }).then).toBeUndefined();
      expect(await remote.exists()).toBe(false);
      expect(await remote.call('then')).toBe('its own then');
    });

    it('returns the same function for a name each time, and none can be set', async () => {
      const made = account(clients.one, fresh('object'), 3);
      expect(made.deposit).toBe(made.deposit);
      const { balance } = made;
      expect(await balance()).toBe(3);
      expect(() => Object.assign(made, { balance: 5 })).toThrow(InvalidArgumentError);
    });
  });

  suite(target, 'object: references', (clients) => {
    it('an instance of a registered class in a result is an object of its own (Python: method_to_typeid)', async () => {
      const made = account(clients.one, fresh('object'), 10, 'Ada');
      const { rest, parts } = await made.split(3, 4);
      expect(rest.name).toBe(made.name);
      expect(await rest.balance()).toBe(3);
      expect(await Promise.all(parts.map((part) => part.balance()))).toEqual([3, 4]);
      expect(await Promise.all(parts.map((part) => part.holder()))).toEqual(['Ada', 'Ada']);
      const [first, second] = parts;
      await present(first).deposit(1);
      expect(await account(clients.two, present(first).name).balance()).toBe(4);
      await present(second).destroy();
      expect(await present(second).exists()).toBe(false);
      await expect(present(second).balance()).rejects.toBeInstanceOf(NotFoundError);
    });

    it('an instance that is an object already stays that object', async () => {
      const tally = clients.one.object<Tally>('Tally', fresh('object'));
      const again = await tally.tally('a');
      expect(again).toMatchObject({ kind: 'object', name: tally.name });
      expect(await (await again.tally('a')).get('a')).toBe(2);
    });

    it('an object in an argument is the same instance', async () => {
      const [one, two] = [account(clients.one, fresh('object'), 10), account(clients.one, fresh('object'))];
      const given = await one.transfer(two, 4);
      expect(given.name).toBe(two.name);
      expect([await one.balance(), await two.balance()]).toEqual([6, 4]);
    });

    it('iterates over data too large for one answer (Python: test_mymanager, IteratorProxy)', async () => {
      const cursor = clients.one.object<Cursor>('Cursor', fresh('object'), 4);
      const values: number[] = [];
      for (let step = await cursor.next(); step.done !== true; step = await cursor.next()) values.push(step.value);
      expect(values).toEqual([0, 1, 4, 9]);
    });

    it('returns proxies of other kinds by their names, and keeps the ones it received', async () => {
      const remote = echo(clients.one);
      const name = fresh('dict');
      const scores = await remote.scores(name);
      await scores.set('Ada', 3);
      expect(await clients.two.dict<string, number>(name).get('Ada')).toBe(3);
      const list = clients.one.list<number>(fresh('list'));
      expect(await remote.nameOf(list)).toBe(`list ${list.name}`);
      await remote.keep({ deep: [scores] });
      const [kept] = (await remote.kept()) as { deep: SharedDict<string, number>[] }[];
      expect(await present(present(kept).deep[0]).get('Ada')).toBe(3);
    });

    it('a proxy stored in another object keeps its type and arguments', async () => {
      const queue = clients.one.queue<RemoteObject<Account>>(fresh('queue'));
      await queue.put(account(clients.one, fresh('object'), 10));
      const got = await clients.two.queue<RemoteObject<Account>>(queue.name).get();
      expect(await got.withdraw(1)).toBe(9);
      const opened = clients.two.open(got.toJSON()) as RemoteObject<Account>;
      expect(await opened.balance()).toBe(9);
    });

    it('a reference finds it only if it exists', async () => {
      const nothing = clients.one.open({ kind: 'object', name: fresh('object'), address: '' }) as RemoteObject<Account>;
      await expect(nothing.balance()).rejects.toBeInstanceOf(NotFoundError);
      await expect(nothing.create()).rejects.toBeInstanceOf(NotFoundError);
      expect(await nothing.exists()).toBe(false);
    });
  });
}
