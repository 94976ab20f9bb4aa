// The types of further methods of dicts, lists, sets and arrays. Each line compiles, or fails if it must: this file is never run.
import type { Frozen, Kind, Manager, SharedArray, SharedDict, SharedList, SharedQueue, SharedSet, TypedArrayOf } from 'commonhold';
import { compiles, holds, typed } from './support.js';

interface Player {
  name: string;
  points: number;
}

// Entries are read by get(), since that is a round trip.
holds<'a' extends keyof SharedDict<string, Player> ? false : true>();

compiles(async (players: SharedDict<string, Player>, one: Player) => {
  typed<Map<string, Frozen<Player>>>()(await players.getMany(['a', 'b']));
  typed<Map<string, Frozen<Player>>>()(await players.getMany(new Set(['a'])));
  typed<boolean>()(await players.has('a'));
  typed<boolean>()(await players.delete('a'));
  typed<number>()(await players.deleteMany(['a']));
  typed<Frozen<Player>>()(await players.getOrInsert('a', one));
  typed<Frozen<Player> | undefined>()(await players.pop('a'));
  typed<Frozen<Player> | undefined>()(await players.update('a', (player) => player && { ...player, points: 0 }));
  typed<boolean>()(await players.compareAndSet('a', one, undefined));
  for await (const player of players.values()) typed<Frozen<Player>>()(player);
  for await (const [key, player] of players.entries()) typed<readonly [string, Frozen<Player>]>()([key, player] as const);
  typed<Kind>()(players.kind);

  // @ts-expect-error The keys are texts.
  await players.getMany([1]);
  // @ts-expect-error The value must be a player.
  await players.getOrInsert('a', { name: 'a' });
  // @ts-expect-error A get takes one key.
  await players.get('a', 'b');
  // @ts-expect-error The value may be absent.
  const { points } = await players.get('a');
  // @ts-expect-error The result is a promise: await it.
  const size: number = players.size();
  // @ts-expect-error Iteration waits for pages: for await.
  const [first] = players;
  return [points as unknown, size, first as unknown];
});

compiles(async (list: SharedList<Player>, one: Player) => {
  await list.set(0, one);
  typed<number>()(await list.push(one, one));
  typed<number>()(await list.extend(new Set([one])));
  typed<number>()(await list.unshift(one));
  typed<Frozen<Player> | undefined>()(await list.pop(1));
  typed<Frozen<Player> | undefined>()(await list.shift());
  typed<Frozen<Player>[]>()(await list.splice(0, 1, one));
  typed<Frozen<Player>[]>()(await list.slice(1, -1));
  typed<number>()(await list.indexOf(one));
  typed<boolean>()(await list.includes(one));
  typed<number>()(await list.count(one));
  typed<boolean>()(await list.remove(one));
  await list.insert(0, one);
  await list.sort({ by: 'points', descending: true });
  await list.reverse();
  await list.clear();

  // @ts-expect-error An index is a number.
  await list.at('0');
  // @ts-expect-error The item must be a player.
  await list.set(0, 'ada');
  // @ts-expect-error The searched item must be a player.
  await list.indexOf('ada');
  // @ts-expect-error It is sorted by a path, not by a function, which cannot be sent.
  await list.sort((a: Player, b: Player) => a.points - b.points);
  // @ts-expect-error There is no such option.
  await list.sort({ reverse: true });
});

compiles(async (tags: SharedSet<string>, numbers: SharedSet<number>) => {
  typed<number>()(await tags.add('a', 'b'));
  typed<boolean>()(await tags.has('a'));
  typed<number>()(await tags.delete('a'));
  typed<string | undefined>()(await tags.pop());
  typed<Set<string>>()(await tags.difference(['a']));
  typed<Set<string | number>>()(await tags.symmetricDifference(numbers));
  typed<boolean>()(await tags.isSubsetOf(['a']));
  typed<boolean>()(await tags.isDisjointFrom(numbers));
  typed<number>()(await tags.retainAll(['a']));
  typed<number>()(await tags.deleteAll(new Set(['a'])));
  // @ts-expect-error A member is a text.
  await tags.has(1);
  // @ts-expect-error A number is not iterable.
  await tags.union(1);
});

compiles(async (manager: Manager, flags: SharedArray<'bool'>, words: SharedArray<'u64'>, halves: SharedArray<'f32'>) => {
  typed<Uint8Array<ArrayBuffer>>()(await flags.read());
  typed<BigUint64Array<ArrayBuffer>>()(await words.read(1, 2));
  typed<Float32Array<ArrayBuffer>>()(await halves.read());
  typed<TypedArrayOf<'f32'>>()(await halves.read());
  typed<boolean>()(await words.compareAndSet(0, 1n, 2n));
  await halves.fill(0.5, 1, 2);
  await words.write(0, BigUint64Array.of(1n));
  manager.array(undefined, 'f64', new Set([1, 2]));
  // @ts-expect-error A flag is no bigint.
  await flags.set(0, 1n);
  // @ts-expect-error 64-bit integers are bigints.
  await words.write(0, [1]);
  // @ts-expect-error So are initial ones.
  manager.array('words', 'u64', [1]);
  // @ts-expect-error Its length or its elements are required.
  manager.array('words', 'u64');
});

compiles(async (queue: SharedQueue<Player>, one: Player) => {
  typed<boolean>()(await queue.tryPut(one));
  typed<Frozen<Player>[]>()(await queue.peek(2));
  typed<number>()(await queue.clear());
  await queue.taskDone(2);
  await queue.join({ timeout: 5 });
  await queue.shutdown({ immediate: true });
  // @ts-expect-error The items are players.
  await queue.putMany([1]);
  // @ts-expect-error The largest number of items is required.
  await queue.getMany();
  // @ts-expect-error There is no such option.
  await queue.shutdown({ now: true });
  // @ts-expect-error tryGet does not wait.
  await queue.tryGet({ timeout: 5 });
});
