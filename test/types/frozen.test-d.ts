// The types of values that were read: plain data is readonly at any depth, all else is unchanged. This file is never run.
import type {
  AtomicBatch,
  CachedDict,
  Frozen,
  HeldValue,
  Key,
  Namespace,
  PathOperations,
  PipeEnd,
  RemoteObject,
  SharedDict,
  SharedList,
  SharedQueue,
  SharedSet,
  SharedValue,
} from 'commonhold';
import { compiles, holds, typed, type Same } from './support.js';

interface Player {
  name: string;
  tags: string[];
  score?: number;
}
interface Tree {
  children: Tree[];
}
type Json = string | number | boolean | null | Json[] | { [name: string]: Json };
type Branded = string & { readonly brand: 'id' };
class Account {
  balance = 0;
  deposit(amount: number): void {
    this.balance += amount;
  }
}
class Inventory extends Map<string, string[]> {
  owner = '';
}

// Plain objects, arrays and tuples.
holds<Same<Frozen<Player>, { readonly name: string; readonly tags: readonly string[]; readonly score?: number }>>();
holds<Same<Frozen<{ a?: { b: string }[] }>, { readonly a?: readonly { readonly b: string }[] }>>();
holds<Same<Frozen<Record<string, number[]>>, Readonly<Record<string, readonly number[]>>>>();
holds<Same<Frozen<readonly number[][]>, readonly (readonly number[])[]>>();
holds<Same<Frozen<[number, string[]]>, readonly [number, readonly string[]]>>();
holds<Same<Frozen<[at: number, tags?: string[]]>, readonly [at: number, tags?: readonly string[]]>>();
holds<Same<Frozen<[string, ...number[][]]>, readonly [string, ...(readonly number[])[]]>>();
holds<Same<Frozen<number[] | { b: string } | null>, readonly number[] | { readonly b: string } | null>>();
holds<Same<Frozen<Frozen<Player>>, Frozen<Player>>>();
// Maps and Sets keep their types; their contents are frozen.
holds<Same<Frozen<Map<string, number[]>>, Map<string, readonly number[]>>>();
holds<Same<Frozen<ReadonlyMap<string, number[]>>, ReadonlyMap<string, readonly number[]>>>();
holds<Same<Frozen<Set<{ a: number }>>, Set<{ readonly a: number }>>>();
holds<Same<Frozen<ReadonlySet<{ a: number }>>, ReadonlySet<{ readonly a: number }>>>();
// Types that are no plain data are unchanged.
holds<Same<Frozen<boolean | undefined>, boolean | undefined>>();
holds<Same<Frozen<Branded>, Branded>>();
holds<Same<Frozen<Date | RegExp | RangeError>, Date | RegExp | RangeError>>();
holds<Same<Frozen<Uint8Array | ArrayBuffer>, Uint8Array | ArrayBuffer>>();
holds<Same<Frozen<Account>, Account>>();
holds<Same<Frozen<Inventory>, Inventory>>();
holds<Same<Frozen<RemoteObject<Account>>, RemoteObject<Account>>>();
holds<Same<Frozen<SharedDict<string, Player>>, SharedDict<string, Player>>>();
// Unknown types are unchanged.
holds<Same<Frozen<unknown>, unknown>>();
holds<Same<Frozen<never>, never>>();
holds<Same<Frozen<object>, object>>();
holds<Same<Frozen<{ id: Branded; any: unknown; none?: never }>, { readonly id: Branded; readonly any: unknown; readonly none?: never }>>();
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the type under test
holds<Same<Frozen<any>, any>>();

// Every method that reads.
compiles(
  async (
    dict: SharedDict<string, Player>,
    list: SharedList<Player>,
    set: SharedSet<Player>,
    queue: SharedQueue<Player>,
    value: SharedValue<Player>,
  ) => {
    typed<Frozen<Player> | undefined>()(await dict.get('ada'));
    typed<[string, Frozen<Player>] | undefined>()(await dict.popItem());
    typed<Map<string, Frozen<Player>>>()(await dict.toMap());
    for await (const [, player] of dict) typed<Frozen<Player>>()(player);
    typed<Frozen<Player> | undefined>()(await list.at(0));
    typed<Frozen<Player>[]>()(await list.toArray());
    for await (const player of list) typed<Frozen<Player>>()(player);
    typed<Set<Frozen<Player>>>()(await set.toSet());
    typed<Set<Frozen<Player> | Frozen<Player[]>>>()(await set.union([[{ name: 'Eve', tags: [] }] as Player[]]));
    for await (const player of set) typed<Frozen<Player>>()(player);
    typed<Frozen<Player>>()(await queue.get());
    typed<Frozen<Player>[]>()(await queue.peek());
    for await (const player of queue) typed<Frozen<Player>>()(player);
    for await (const delivery of queue.deliveries()) typed<Frozen<Player>>()(delivery.value);
    typed<Frozen<Player>>()(await value.get());
    typed<Frozen<Player>>()((await value.lock()).value);
    for await (const player of value.watch()) typed<Frozen<Player>>()(player);
    typed<Frozen<Player> | undefined>()(dict.sync.get('ada'));
    typed<Frozen<Player> | undefined>()(list.sync.at(0));
    typed<Frozen<Player>>()(queue.sync.get());
    typed<Frozen<Player>>()(value.sync.get());
  },
);
compiles(
  async (
    cached: CachedDict<string, Player>,
    space: Namespace<{ ada: Player }>,
    place: PathOperations<Player[]>,
    end: PipeEnd<string, Player>,
    team: RemoteObject<{ best(): Player }>,
  ) => {
    typed<Frozen<Player> | undefined>()(await cached.get('ada'));
    typed<Frozen<Player> | undefined>()(await space.get('ada'));
    typed<Frozen<{ ada: Player }>>()(await space.toObject());
    typed<Frozen<Player[]> | undefined>()(await place.get());
    typed<Frozen<Player> | undefined>()(await place.pop());
    typed<Frozen<Player>>()(await end.receive());
    for await (const player of end) typed<Frozen<Player>>()(player);
    typed<Frozen<Player>>()(await team.best());
  },
);

// A value that was read is readonly.
compiles(async (dict: SharedDict<string, Player>, tree: SharedValue<Tree>, held: HeldValue<number[]>) => {
  const player = (await dict.get('ada'))!;
  // @ts-expect-error It is frozen.
  player.name = 'Eve';
  // @ts-expect-error So are its properties.
  const tags: string[] = player.tags;
  // @ts-expect-error At any depth.
  const children: Tree[] = (await tree.get()).children[0]!.children;
  // @ts-expect-error Assign another one.
  const numbers: number[] = held.value;
  held.value = [...held.value, 1];
  return [tags, children, numbers];
});

// A value that was read can be written back, as it is or as a part of a new one.
compiles(
  async (
    dict: SharedDict<string, Player>,
    list: SharedList<number[]>,
    set: SharedSet<Player>,
    queue: SharedQueue<Player>,
    value: SharedValue<number[]>,
  ) => {
    const player = (await dict.get('ada'))!;
    await dict.set('eve', player);
    await dict.set('eve', { ...player, tags: [...player.tags, 'new'] });
    await dict.setMany(await dict.toMap());
    await dict.compareAndSet('ada', player, { ...player, score: 1 });
    await dict.getOrInsert('eve', player);
    await dict.update('ada', (old) => old);
    await dict.update('ada', (old) => ({ ...old!, score: (old?.score ?? 0) + 1 }));
    await dict.update('ada', (old) => old ?? { name: 'Ada', tags: [] });
    await dict.path('ada').set(player);
    await dict.path('ada', 'tags').set(player.tags);
    await dict.path('ada', 'tags').update((tags) => [...(tags ?? []), 'new']);
    await dict.cached().set('ada', player);
    dict.sync.set('ada', player);
    await list.push(...(await list.toArray()));
    await list.update(0, (numbers) => [...numbers, 1]);
    await set.add(player);
    await set.addAll(await set.toSet());
    await set.addAll(set);
    await queue.put(player);
    await queue.putMany(await queue.peek(5));
    await value.set(await value.get());
    await value.update((numbers) => numbers.toSorted());
  },
);
compiles(async (space: Namespace<{ ada: Player }>, pipe: PipeEnd<Player>, batch: AtomicBatch, dict: SharedDict<string, Player>) => {
  await space.assign(await space.toObject());
  await space.set('ada', (await space.get('ada'))!);
  await space.update('ada', (player) => player);
  await pipe.send(await pipe.receive());
  batch.check(dict, 'ada', await dict.get('ada')).set(dict, 'eve', (await dict.get('ada'))!);
});
compiles(async (places: SharedDict<string, { players: Map<string, Player>; best: Player }>, player: Frozen<Player>) => {
  await places.path('home', 'best').assign(player);
  await places.path('home', 'players').assign([['ada', player]]);
  await places.path('home').assign({ best: player, players: new Map() });
  await places.path('home', 'players', 'ada').getOrInsert(player);
});
compiles(async (tree: SharedValue<Tree>, json: SharedDict<string, Json>, sets: SharedDict<string, Set<number[]>>) => {
  const root = await tree.get();
  await tree.set({ children: [...root.children, root] });
  const any = await json.get('any');
  await json.set('any', any ?? { a: [1, { b: null }] });
  const numbers = (await sets.get('numbers'))!;
  numbers.add([1]);
  await sets.set('numbers', numbers);
});

// Generic helpers that do not know the values.
compiles(async <K extends Key, V>(from: SharedDict<K, V>, to: SharedDict<K, V>, key: K, value: V) => {
  for await (const [each, read] of from) await to.set(each, read);
  await to.update(key, (old) => old ?? value);
  const read: Frozen<V> | undefined = await from.get(key);
  if (read !== undefined) await to.set(key, read);
});

// An object of a type is assignable to an object of a wider type.
compiles((numbers: SharedSet<number>, players: SharedDict<string, Player>, list: SharedList<Player>, value: SharedValue<Tree>) => {
  const wider: [SharedSet, SharedDict, SharedDict<string, { name: string }>, SharedList, SharedValue] = [
    numbers,
    players,
    players,
    list,
    value,
  ];
  // @ts-expect-error Numbers are no texts.
  const texts: SharedSet<string> = numbers;
  // @ts-expect-error Players have no such property.
  const others: SharedDict<string, { age: number }> = players;
  return [wider, texts, others];
});
