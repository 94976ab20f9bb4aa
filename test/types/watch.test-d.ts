// The types of watches. Each line compiles, or fails if it must: this file is never run.
import type { DictChange, DictWatchOptions, Event, Frozen, ListChange, Manager, SharedQueue, WatchOptions } from 'commonhold';
import { compiles, holds, typed } from './support.js';

interface Player {
  points: number;
}

compiles(async (manager: Manager) => {
  const players = manager.dict<string, Player>('players');
  for await (const change of players.watch({ key: 'alice', from: 5, timeout: 10, signal: AbortSignal.timeout(5) })) {
    typed<DictChange<string, Player>>()(change);
    typed<number>()(change.revision);
    typed<Frozen<Player> | undefined>()(change.value);
    typed<string | undefined>()(change.key);
    switch (change.type) {
      case 'set':
        typed<string>()(change.key);
        typed<Frozen<Player>>()(change.value);
        break;
      case 'delete':
      case 'expire':
      case 'evict':
        typed<string>()(change.key);
        typed<undefined>()(change.value);
        break;
      case 'clear':
      case 'destroy':
        typed<undefined>()(change.key);
        break;
      default:
        typed<never>()(change);
    }
    // @ts-expect-error There is no such change.
    if (change.type === 'insert') break;
    // @ts-expect-error It is readonly.
    change.revision = 5;
  }
  // The parts of a change are narrowed together.
  for await (const { type, key, value } of players.watch())
    if (type === 'set') typed<readonly [string, Frozen<Player>]>()([key, value] as const);

  // @ts-expect-error The keys are texts.
  players.watch({ key: 1 });
  // @ts-expect-error A revision is a number.
  players.watch({ from: '5' });
  const options: DictWatchOptions<number> = { key: 1 };
  manager.dict<number, Player>().watch(options);
  // @ts-expect-error The keys are texts.
  players.watch(options);
});

compiles(async (manager: Manager) => {
  const players = manager.list<Player>('players');
  const options: WatchOptions = { from: 5, timeout: 10 };
  let copy: Player[] = [];
  for await (const change of players.watch(options)) {
    typed<ListChange<Player>>()(change);
    typed<number>()(change.index);
    typed<number>()(change.count);
    if (change.type === 'insert') copy.splice(change.index, 0, ...change.values);
    else if (change.type === 'reorder') copy = change.order.map((place) => copy[place]!);
    else if (change.type === 'set') typed<Frozen<Player>[]>()(change.values);
    else typed<'delete' | 'clear' | 'destroy'>()(change.type);
  }
  // @ts-expect-error A list has no keys.
  players.watch({ key: 1 });
});

compiles(async (manager: Manager, event: Event, jobs: SharedQueue<Player>) => {
  for await (const player of manager.value<Player>('best', { points: 0 }).watch({ timeout: 5 })) typed<Frozen<Player>>()(player);
  for await (const set of event.watch()) typed<boolean>()(set);
  for await (const size of jobs.watch({ signal: AbortSignal.timeout(5) })) typed<number>()(size);
  for await (const size of jobs.watch({ follow: true })) typed<number>()(size);
  // @ts-expect-error Only the present state counts.
  event.watch({ from: 5 });
  const changes = jobs.watch();
  const { done, value } = await changes.next();
  if (!done) typed<number>()(value);
  holds<ReturnType<typeof jobs.watch> extends AsyncIterable<number> ? true : false>();
});
