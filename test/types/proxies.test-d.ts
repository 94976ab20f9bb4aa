// The types of proxies. Each line compiles, or fails if it must: this file is never run.
import type {
  Frozen,
  Held,
  HeldValue,
  HolderInfo,
  Key,
  Kind,
  Lock,
  Manager,
  Reference,
  SharedDict,
  SharedList,
  SharedQueue,
  SharedValue,
} from 'commonhold';
import { compiles, typed } from './support.js';

interface Player {
  points: number;
}

compiles(async (manager: Manager) => {
  const scores = manager.dict<string, number>('scores');
  typed<SharedDict<string, number>>()(scores);
  const got = await scores.get('alice');
  typed<number | undefined>()(got);
  const all = await scores.toMap();
  typed<Map<string, number>>()(all);
  const last = await scores.popItem();
  typed<[string, number] | undefined>()(last);
  const sum = await scores.add('alice');
  typed<number>()(sum);
  const large = await manager.dict<string, bigint>().add('alice', 1n);
  typed<bigint>()(large);
  for await (const [key, value] of scores) typed<readonly [string, number]>()([key, value] as const);
  for await (const key of scores.keys()) typed<string>()(key);

  // @ts-expect-error The value is a number.
  await scores.set('alice', 'three');
  // @ts-expect-error The key is a text.
  await scores.get(1);
  // @ts-expect-error The function returns a number, or undefined.
  await scores.update('alice', () => 'three');
  await scores.update('alice', (value) => (value ?? 0) + 1);
  await scores.compareAndSet('alice', undefined, 3);
  // @ts-expect-error The expected value is a number, or undefined.
  await scores.compareAndSet('alice', 'three', 3);
});

compiles(async (manager: Manager) => {
  const players = manager.dict<string, Player>();
  await players.setMany({ alice: { points: 3 } });
  await players.setMany(new Map([['alice', { points: 3 }]]));
  await players.setMany([['alice', { points: 3 }]]);
  // @ts-expect-error Points are a number.
  await players.setMany({ alice: { points: '3' } });
  const numbered = manager.dict<number, Player>();
  // @ts-expect-error The keys of an object are texts.
  await numbered.setMany({ 1: { points: 3 } });
  // @ts-expect-error An object is no key.
  manager.dict<Player, number>();
  // @ts-expect-error Nor is null.
  manager.dict<null, number>();
  manager.dict<string | number | bigint | boolean | Uint8Array, unknown>();
  const open = manager.dict();
  typed<SharedDict<Key, unknown>>()(open);
});

compiles(async (manager: Manager) => {
  const list = manager.list<Player>('list');
  typed<SharedList<Player>>()(list);
  const first = await list.at(0);
  typed<Frozen<Player> | undefined>()(first);
  const items = await list.toArray();
  typed<Frozen<Player>[]>()(items);
  await list.push({ points: 1 }, { points: 2 });
  // @ts-expect-error A player has points.
  await list.push({ point: 1 });
  for await (const player of list) typed<Frozen<Player>>()(player);
});

compiles(async (manager: Manager, signal: AbortSignal) => {
  const queue = manager.queue<Player>('queue', { capacity: 10 });
  typed<SharedQueue<Player>>()(queue);
  const item = await queue.get({ timeout: 10, signal });
  typed<Frozen<Player>>()(item);
  const now = await queue.tryGet();
  typed<Frozen<Player> | undefined>()(now);
  const many = await queue.getMany(3);
  typed<Frozen<Player>[]>()(many);
  // @ts-expect-error A player is no number.
  await queue.put(1);
  // @ts-expect-error There is no such option.
  manager.queue('queue', { capasity: 10 });
  // @ts-expect-error A time is in milliseconds.
  await queue.get({ timeout: '10 s' });
  for await (const player of queue) typed<Frozen<Player>>()(player);
});

compiles(async (manager: Manager) => {
  const hits = manager.value('hits', 0, { type: 'i32' });
  typed<SharedValue<number>>()(hits);
  const sum = await hits.add(1);
  typed<number>()(sum);
  // @ts-expect-error The value is a number.
  await hits.set('one');
  // @ts-expect-error There is no such typecode.
  manager.value('hits', 0, { type: 'int' });
  await using held = await hits.lock();
  typed<HeldValue<number>>()(held);
  held.value += 1;
  // @ts-expect-error The value is a number.
  held.value = 'one';
  // @ts-expect-error Its token is readonly.
  held.token = 1n;

  const large = manager.value('large', 0n);
  await large.add(1n);
  // @ts-expect-error A bigint takes no number.
  await large.add(1);
  const player = manager.value<Player>('player', { points: 0 });
  // @ts-expect-error Only numbers can be added to.
  await player.add(1);
  await player.update(({ points }) => ({ points: points + 1 }));
  // @ts-expect-error The function returns a player.
  await player.update(({ points }) => points + 1);
});

compiles(async (manager: Manager) => {
  const lock = manager.lock('lock');
  typed<Lock>()(lock);
  const held = await lock.tryAcquire();
  typed<Held | undefined>()(held);
  const holder = await lock.holder();
  typed<HolderInfo | undefined>()(holder);
  const result = await lock.run((signal, { token }) => [signal.aborted, token] as const);
  typed<readonly [boolean, bigint]>()(result);
  // @ts-expect-error tryAcquire does not wait.
  await lock.tryAcquire({ timeout: 10 });
  typed<Lock>()(await lock.create());
  await using _disposed = lock;
});

compiles(async (manager: Manager) => {
  const reference = manager.dict('scores').toJSON();
  typed<Reference>()(reference);
  for await (const { kind, name, size } of manager.objects({ kind: 'dict', match: 'a*' })) {
    typed<readonly [Kind, string, number]>()([kind, name, size] as const);
  }
  // @ts-expect-error There is no such kind.
  manager.objects({ kind: 'tree' });
  // @ts-expect-error There is no such event.
  manager.on('lost', () => {});
  manager.on('expired', ({ code, mayHaveExecuted }) => [code, mayHaveExecuted]);
  // @ts-expect-error The address is readonly.
  manager.address = 'localhost:1';
});
