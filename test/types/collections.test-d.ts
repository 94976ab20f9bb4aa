// The types of sets and arrays.
import type { ArrayWriteOptions, Held, Manager, SharedArray, SharedSet } from 'commonhold';
import { compiles, typed } from './support.js';

compiles(async (manager: Manager) => {
  const tags = manager.set<string>('tags');
  typed<SharedSet<string>>()(tags);
  const all = await tags.toSet();
  typed<Set<string>>()(all);
  const mixed = await tags.union([1, 2]);
  typed<Set<string | number>>()(mixed);
  const common = await tags.intersection(manager.set<number>());
  typed<Set<string>>()(common);
  for await (const tag of tags) typed<string>()(tag);
  await tags.addAll(manager.set<string>());
  // @ts-expect-error A number is no member.
  await tags.add(1);
  // @ts-expect-error Nor are members of a set of numbers.
  await tags.addAll(manager.set<number>());
});

compiles(async (manager: Manager) => {
  const bytes = manager.array('bytes', 'u8', 4);
  typed<SharedArray<'u8'>>()(bytes);
  const read = await bytes.read();
  typed<Uint8Array<ArrayBuffer>>()(read);
  const large = manager.array('large', 'i64', [1n, 2n]);
  const sum = await large.add(0, 1n);
  typed<bigint>()(sum);
  for await (const element of large) typed<bigint>()(element);
  const flags = manager.array('flags', 'bool', [true, 1, false]);
  const flag = await flags.get(0);
  typed<boolean>()(flag);
  await flags.write(0, Uint8Array.of(1));
  const held: Held = await bytes.lock({ timeout: 5 });
  const options: ArrayWriteOptions = { held, timeout: 5 };
  await bytes.set(0, 1, options);
  await bytes.write(0, Float64Array.of(1), { held });
  // @ts-expect-error 64-bit integers are bigints.
  await large.set(0, 1);
  // @ts-expect-error There is no such type.
  manager.array('other', 'u7', 4);
  // @ts-expect-error Booleans have no sums.
  await flags.add(0, true);
});
