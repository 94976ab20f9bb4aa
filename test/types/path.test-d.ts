// The types of paths into a dict's values.
import type { Frozen, Key, Manager, PathOperations, SharedDict, SharedList } from 'commonhold';
import { compiles, typed } from './support.js';

interface Player {
  name: string;
  points: number;
  coins: bigint;
  tags: string[];
  home?: { street: string | null; rooms: Map<string, { size: number }> };
  seen: Set<number>;
  pixels: Uint8Array;
  large: BigInt64Array;
  byYear: Record<number, boolean>;
  friends: readonly Player[];
  pair: [string, number];
  born: Date;
  list: SharedList<string>;
  any: unknown;
  either: string[] | { a: number } | null;
}

compiles(async (players: SharedDict<string, Player>) => {
  const whole = await players.path('ada').get();
  typed<Frozen<Player> | undefined>()(whole);
  const tags = players.path('ada', 'tags');
  typed<PathOperations<string[]>>()(tags);
  typed<number>()(await tags.push('x', 'y'));
  typed<string | undefined>()(await tags.pop());
  typed<string | undefined>()(await tags.pop(0));
  typed<number>()(await tags.insert(0, 'x'));
  typed<boolean>()(await tags.includes('x'));
  typed<boolean>()(await tags.remove('x'));
  typed<string | undefined>()(await players.path('ada', 'tags', -1).get());
  typed<number | undefined>()(await players.path('ada', 'home', 'rooms', 'kitchen', 'size').get());
  typed<string | null | undefined>()(await players.path('ada', 'home', 'street').get());
  typed<number | undefined>()(await players.path('ada', 'friends', 0, 'friends', 1, 'friends', 2, 'friends', 3, 'points').get());
  typed<boolean | undefined>()(await players.path('ada', 'byYear', '1843').get());
  typed<number | undefined>()(await players.path('ada', 'pixels', 0).get());
  typed<bigint | undefined>()(await players.path('ada', 'large', 0).get());
  typed<string | number | undefined>()(await players.path('ada', 'pair', 1).get());
  typed<number | undefined>()(await players.path('ada', 'either', 'a').get());

  // @ts-expect-error There is no such property.
  players.path('ada', 'tgas');
  // @ts-expect-error An array has numbers.
  players.path('ada', 'tags', 'first');
  // @ts-expect-error An object has texts.
  players.path('ada', 0);
  // @ts-expect-error TypeScript takes this key for a number, but it is a text.
  players.path('ada', 'byYear', 1843);
  // @ts-expect-error A text has no parts.
  players.path('ada', 'name', 'length');
  // @ts-expect-error The keys of this Map are texts.
  players.path('ada', 'home', 'rooms', 1);
  // @ts-expect-error A Set has no places.
  players.path('ada', 'seen', 0);
  // @ts-expect-error A Date has none either.
  players.path('ada', 'born', 'getTime');
  // @ts-expect-error The contents of a proxy lie elsewhere.
  players.path('ada', 'list', 'name');
  // @ts-expect-error Wrong at any depth.
  players.path('ada', 'friends', 0, 'friends', 1, 'friends', 2, 'friends', 3, 'point');
  // @ts-expect-error The key of the dict is a text.
  players.path(1, 'tags');
});

compiles(async (players: SharedDict<string, Player>) => {
  const points = players.path('ada', 'points');
  typed<number>()(await points.add());
  typed<number>()(await points.add(2));
  typed<bigint>()(await players.path('ada', 'coins').add(1n));
  typed<number>()(await players.path('ada', 'seen').addMembers(1, 2));
  typed<boolean>()(await players.path('ada', 'seen').includes(1));
  typed<string[] | undefined>()(await players.path('ada', 'home', 'rooms').keys());
  typed<(keyof Player)[] | undefined>()(await players.path('ada').keys());
  await players.path('ada').assign({ name: 'Ada', points: 3 });
  await players.path('ada', 'home', 'rooms').assign([['kitchen', { size: 9 }]]);
  await players.path('ada', 'home').set({ street: null, rooms: new Map() });
  typed<Frozen<{ street: string | null; rooms: Map<string, { size: number }> }>>()(
    await players.path('ada', 'home').getOrInsert({ street: null, rooms: new Map() }),
  );
  await players.path('ada', 'home').compareAndSet(undefined, undefined);
  typed<number | undefined>()(await points.update((old) => (old ?? 0) + 1));
  typed<number | undefined>()(await points.size());
  await players.path('ada', 'either').push('x');
  await players.path('ada', 'either').assign({ a: 1 });

  // @ts-expect-error Points are a number.
  await points.set('three');
  // @ts-expect-error A value is deleted, not set to undefined.
  await players.path('ada', 'home').set(undefined);
  // @ts-expect-error A number takes no bigint.
  await points.add(1n);
  // @ts-expect-error A bigint takes no number.
  await players.path('ada', 'coins').add(1);
  // @ts-expect-error Not even the default delta.
  await players.path('ada', 'coins').add();
  // @ts-expect-error A text takes none.
  await players.path('ada', 'name').add();
  // @ts-expect-error Tags are texts.
  await players.path('ada', 'tags').push(1);
  // @ts-expect-error A number has no items to push.
  await points.push(1);
  // @ts-expect-error Nor to pop.
  await points.pop();
  // @ts-expect-error A Set has members.
  await players.path('ada', 'seen').push(1);
  // @ts-expect-error Which are numbers.
  await players.path('ada', 'seen').addMembers('x');
  // @ts-expect-error An array has no members.
  await players.path('ada', 'tags').addMembers('x');
  // @ts-expect-error A player has no such property.
  await players.path('ada').assign({ nmae: 'Ada' });
  // @ts-expect-error Points are a number.
  await players.path('ada').assign({ points: '3' });
  // @ts-expect-error The function returns a number, or undefined.
  await points.update(() => 'three');
  // @ts-expect-error The expected value is a number, or undefined.
  await points.compareAndSet('three', 3);
});

compiles(async (manager: Manager, anything: SharedDict, players: SharedDict<string, Player>, steps: Key[]) => {
  const place = anything.path('ada', 'deep', 0, 1n, true, Uint8Array.of(1));
  typed<PathOperations>()(place);
  typed<unknown>()(await place.get());
  await place.set({ any: 'thing' });
  typed<number>()(await place.push(1, 'two'));
  typed<number>()(await place.add());
  typed<bigint>()(await place.add(1n));
  typed<unknown>()(await place.pop());
  await place.assign({ a: 1 });
  await place.assign(new Map([[1, 2]]));
  await place.addMembers(1);
  typed<unknown[] | undefined>()(await place.keys());
  await players.path('ada', 'any', 'where', 0).push(1);
  type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
  typed<PathOperations<Json>>()(manager.dict<string, Json>().path('ada', 'deep', 0, 'deeper', -1));
  // The type of a path that is computed at run time is unknown.
  typed<PathOperations>()(players.path('ada', ...steps));
  // A dict of any type is a dict of unknown values, and so is a path.
  const some: SharedDict = players;
  const somewhere: PathOperations = players.path('ada', 'points');
  const scores = manager.dict<string, number>();
  typed<number>()(await scores.path('ada').add(1));
  return [some, somewhere];
});
