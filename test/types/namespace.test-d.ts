// The types of namespaces. Each line compiles, or fails if it must: this file is never run.
import type { Frozen, Manager, Namespace, SharedList } from 'commonhold';
import { compiles, holds, typed } from './support.js';

interface Settings {
  name: string;
  level: number;
  job?: string;
  log: SharedList<string>;
}

compiles(async (manager: Manager) => {
  const settings = manager.namespace<Settings>('settings', { level: 1 });
  typed<Namespace<Settings>>()(settings);
  const name = await settings.get('name');
  typed<string | undefined>()(name);
  const log = await settings.get('log');
  typed<SharedList<string> | undefined>()(log);
  const all = await settings.toObject();
  typed<Frozen<Settings>>()(all);
  const level = await settings.update('level', (now) => {
    typed<number | undefined>()(now);
    return now === undefined ? 1 : now + 1;
  });
  typed<number | undefined>()(level);
  await settings.update('job', () => undefined);
  await settings.assign({ name: 'Bob', level: 2 });
  typed<boolean>()(await settings.delete('job'));
  typed<boolean>()(await settings.has('job'));

  // @ts-expect-error There is no such property.
  await settings.get('nmae');
  // @ts-expect-error There is no such property.
  await settings.set('nmae', 'Bob');
  // @ts-expect-error The level is a number.
  await settings.set('level', 'one');
  // @ts-expect-error The level is a number.
  await settings.assign({ level: 'one' });
  // @ts-expect-error There is no such property.
  await settings.assign({ lvel: 1 });
  // @ts-expect-error There is no such property.
  await settings.delete('lvel');
  // @ts-expect-error There is no such property.
  await settings.has('lvel');
  // @ts-expect-error The level is a number.
  await settings.update('level', () => 'one');
  // @ts-expect-error The initial level is a number.
  manager.namespace<Settings>('settings', { level: 'one' });
  // Properties are read by get(), since that is a round trip.
  holds<'level' extends keyof Namespace<Settings> ? false : true>();
});

compiles(async (manager: Manager) => {
  const made = manager.namespace('counts', { hits: 0, misses: 0 });
  typed<Namespace<{ hits: number; misses: number }>>()(made);
  const hits = await made.get('hits');
  typed<number | undefined>()(hits);

  const anything = manager.namespace('anything');
  typed<Namespace<Record<string, unknown>>>()(anything);
  await anything.set('x', [1]);
  const x = await anything.get('x');
  typed<unknown>()(x);

  const symbol = Symbol('s');
  const some = manager.namespace<{ [symbol]: number; 1: number; text: string }>();
  await some.set('text', 'a');
  // @ts-expect-error Names are texts.
  await some.set(symbol, 1);
  // @ts-expect-error Names are texts.
  await some.set(1, 1);
});
