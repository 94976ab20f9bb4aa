// The types of objects of registered types: members, arguments and results come from the class.
import type { Frozen, Handle, Manager, RemoteHandle, RemoteObject, SharedDict, SharedList } from 'commonhold';
import { reference, type Registry } from 'commonhold/server';
import { compiles, holds, typed, type Same } from './support.js';

interface Player {
  name: string;
  points: number;
  team?: { name: string };
}

abstract class Base {
  inherited(): Date {
    return new Date();
  }
}

class Account extends Base {
  owner = 'nobody';
  #secret = 1;

  constructor(readonly balance: number) {
    super();
  }

  get players(): Player[] {
    return [];
  }

  set limit(_limit: number) {}

  deposit(amount: number, note?: string): number {
    return amount + (note?.length ?? this.#secret);
  }

  async slow(): Promise<Map<string, Player>> {
    return new Map();
  }

  all(...values: bigint[]): readonly bigint[] {
    return values;
  }

  nothing(): void {}

  self(): this {
    return this;
  }

  transfer(to: Account, amounts: [number, string]): Account | undefined {
    return amounts.length > 0 ? to : undefined;
  }

  split(): { rest: Account; parts: Account[]; byName: Map<string, Account>; player: Player } {
    return { rest: this, parts: [this], byName: new Map(), player: { name: '', points: 0 } };
  }

  scores(): Handle<SharedDict<string, number>> {
    return reference<SharedDict<string, number>>('dict', 'scores');
  }

  rank(list: Handle<SharedList<Player>>): string {
    return list.name;
  }

  anything(value: unknown): unknown {
    return value;
  }

  optional?(): number;
  destroy(force: boolean): string {
    return String(force);
  }

  name(): number {
    return 1;
  }

  _hidden(): number {
    return 1;
  }

  protected guarded(): number {
    return this.own();
  }

  private own(): number {
    return 1;
  }
}

compiles(async (manager: Manager, account: RemoteObject<Account>, list: SharedList<Player>, signal: AbortSignal) => {
  typed<RemoteObject<Account>>()(manager.object<Account>('Account', 'a', 10));
  typed<RemoteObject>()(manager.object('Account'));
  // @ts-expect-error A type has a name.
  manager.object<Account>();
  // @ts-expect-error The name is a text.
  manager.object<Account>(Account);

  // Methods, getters and fields, with their types.
  typed<number>()(await account.deposit(5, 'note'));
  typed<number>()(await account.balance());
  typed<string>()(await account.owner());
  typed<Frozen<Player[]>>()(await account.players());
  typed<Map<string, Frozen<Player>>>()(await account.slow());
  typed<readonly bigint[]>()(await account.all(1n, 2n));
  typed<Promise<void>>()(account.nothing());
  typed<Date>()(await account.inherited());
  typed<unknown>()(await account.anything(1));
  // @ts-expect-error An amount is a number.
  await account.deposit('5');
  // @ts-expect-error An argument is missing.
  await account.deposit();
  // @ts-expect-error One is too many.
  await account.deposit(5, 'note', 1);
  // @ts-expect-error A getter takes none.
  await account.balance(1);
  // @ts-expect-error It is a promise.
  const balance: number = account.balance();
  // @ts-expect-error It must be called.
  typed<number>()(account.balance);
  // @ts-expect-error It cannot be set from here.
  account.balance = 5;
  typed<RemoteObject<Account>>()(await Promise.resolve(account));

  // Names that every object has refer to the proxy's own members.
  typed<string>()(account.name);
  typed<boolean>()(await account.destroy());
  typed<string>()(await account.call('destroy', [true]));
  typed<number>()(await account.call('name'));
  typed<number>()(await account.call('deposit', [5], { timeout: 10, signal }));
  typed<number>()(await account.call('balance'));
  // @ts-expect-error An amount is a number.
  await account.call('deposit', ['5']);
  // @ts-expect-error There is no such member.
  await account.call('withdraw', [5]);
  // @ts-expect-error There is no such option.
  await account.call('deposit', [5], { timeuot: 10 });
  typed<RemoteObject<Account>>()(await account.create());

  // Instances become objects, objects instances, handles proxies.
  typed<RemoteObject<Account>>()(await account.self());
  typed<RemoteObject<Account> | undefined>()(await account.transfer(account, [1, 'a']));
  // @ts-expect-error An instance of this program is no instance of the manager.
  await account.transfer(new Account(1), [1, 'a']);
  // @ts-expect-error Nor is an object of another type.
  await account.transfer(manager.object<Base>('Base'), [1, 'a']);
  const { rest, parts, byName, player } = await account.split();
  typed<RemoteObject<Account>>()(rest);
  typed<readonly RemoteObject<Account>[]>()(parts);
  typed<Map<string, RemoteObject<Account>>>()(byName);
  const copied: Player = player;
  typed<number>()(copied.points);
  typed<SharedDict<string, number>>()(await account.scores());
  typed<string>()(await account.rank(list));
  // @ts-expect-error A dict is no list.
  await account.rank(await account.scores());

  // Without the class, every member is called by call().
  const untyped = manager.object('Account');
  typed<unknown>()(await untyped.call('whatever', [1, 'a']));
  return balance;
});

/** True if an object has a member of this name. */
type Has<T, M extends string> = M extends keyof RemoteObject<T> ? true : false;

holds<Has<Account, 'deposit' | 'balance' | 'inherited' | 'optional'>>();
// There is no such member; its name begins with an underscore; it is protected; it is private.
holds<Same<Has<Account, 'withdraw' | '_hidden' | 'guarded' | 'own'>, false>>();
// Awaiting the object returns the object; without the class, no members are known.
holds<Same<Has<{ then(): void }, 'then'>, false>>();
holds<Same<Has<unknown, 'deposit'>, false>>();
holds<Same<keyof RemoteHandle, keyof RemoteHandle<Account>>>();

compiles((registry: Registry) => {
  registry.register('Account', Account, { exposed: ['deposit'] });
  registry.register(
    'Other',
    class {
      constructor(readonly a: string) {}
    },
  );
  // @ts-expect-error A function is no class.
  registry.register('Function', () => 1);
});
