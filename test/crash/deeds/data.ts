import type { DeedStep } from '../../simulation/plan.js';
import type { User } from '../../simulation/user.js';
import type { Tally } from '../types.js';

const KEYS = ['a', 'b'] as const;

/** Adds an element to a set, removes it, and looks for it. */
export async function set(user: User, { choice, amount }: DeedStep): Promise<unknown> {
  const set = user.manager.set<string>('set');
  const key = KEYS[amount % KEYS.length]!;
  const call = <R>(what: string, make: () => Promise<R>) => user.call(`set/${key}`, what, [], make);
  switch (choice % 3) {
    case 0:
      return call('add', () => set.add(key));
    case 1:
      return call('delete', () => set.delete(key));
    default:
      return call('has', () => set.has(key));
  }
}

/** Writes and reads an element of an array. */
export async function array(user: User, { choice, amount }: DeedStep): Promise<unknown> {
  const array = user.manager.array('array', 'f64', KEYS.length);
  const index = amount % KEYS.length;
  const object = `array/${KEYS[index]!}`;
  const value = user.unique();
  const expected = (user.seen.get(object) as number | undefined) ?? 0;
  switch (choice % 4) {
    case 0:
      return user.call(object, 'set', [value], () => array.set(index, value));
    case 1:
      return user.call(object, 'add', [1], () => array.add(index, 1));
    case 2:
      return user.call(object, 'swap', [expected, value], () => array.compareAndSet(index, expected, value));
    default:
      return user.seen.set(object, await user.call(object, 'get', [], () => array.get(index)));
  }
}

/** Writes, reads and removes a name of a namespace. */
export async function namespace(user: User, { choice, amount }: DeedStep): Promise<unknown> {
  const namespace = user.manager.namespace<Record<string, number>>('namespace');
  const key = KEYS[amount % KEYS.length]!;
  const object = `namespace/${key}`;
  const value = user.unique();
  switch (choice % 4) {
    case 0:
      return user.call(object, 'set', [value], () => namespace.set(key, value));
    case 1:
      return user.call(object, 'delete', [], () => namespace.delete(key));
    default:
      return user.call(object, 'get', [], () => namespace.get(key));
  }
}

/** Writes keys that end by themselves. */
export async function expiring(user: User, { choice, amount }: DeedStep): Promise<unknown> {
  const dict = user.manager.dict<string, number>('expiring');
  const key = KEYS[amount % KEYS.length]!;
  const object = `expiring/${key}`;
  const value = user.unique();
  const ttl = 20 + amount * 20;
  if (choice % 3 > 0) return user.call(object, 'get', [], () => dict.get(key));
  return user.call(object, 'set', [value, ttl], () => dict.set(key, value, { ttl }));
}

/** Moves an amount between two keys of a dict by a batch. No reader may see one half of it. */
export async function batch(user: User, { choice }: DeedStep): Promise<unknown> {
  const dict = user.manager.dict<string, number>('moved');
  if (choice % 3 > 0) {
    return user.call('moved', 'add', [1], async () => {
      const { results } = await user.manager.atomic().add(dict, 'to', 1).add(dict, 'from', -1).commit();
      const [to, from] = results as [number, number];
      return moved(user, to, from);
    });
  }
  return user.call('moved', 'count', [], async () => {
    const both = await dict.toMap();
    return both.size === 0 ? undefined : moved(user, both.get('to'), both.get('from'));
  });
}

function moved(user: User, to: number | undefined, from: number | undefined): number | undefined {
  if (to === undefined || from !== -to) user.world.violated(`a batch was seen in part: ${to} to, ${from} from`);
  return to;
}

/** Counts in an instance of a registered type. */
export async function tally(user: User, { choice }: DeedStep): Promise<unknown> {
  const tally = user.manager.object<Tally>('Tally', 'tally');
  if (choice % 3 > 0) return user.call('tally', 'add', [1], () => tally.add());
  return user.call('tally', 'count', [], async () => (await tally.count()) || undefined);
}

/** Size of the large values of the deed `bulk`, in bytes: mostly what fits into the ring of the log, now and then more. */
const sizeOf = (amount: number): number => (amount % 9 === 0 ? 400_000 : 1_000 + amount * 4_000);

/** Writes and reads large values, so that segments of the log become full. */
export async function bulk(user: User, { choice, amount }: DeedStep): Promise<unknown> {
  const dict = user.manager.dict<string, Uint8Array>('bulk');
  const key = KEYS[choice % KEYS.length]!;
  const object = `bulk/${key}`;
  const value = user.unique();
  if (choice % 6 > 0) return user.call(object, 'set', [value], () => dict.set(key, bytesOf(value, sizeOf(amount))));
  return user.call(object, 'get', [], async () => {
    const bytes = await dict.get(key);
    return bytes === undefined ? undefined : numberOf(user, bytes);
  });
}

/** Returns bytes that all depend on a number, and begin with it. */
function bytesOf(value: number, size: number): Uint8Array {
  const bytes = new Uint8Array(size).fill(value & 0xff);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

function numberOf(user: User, bytes: Uint8Array): number {
  const value = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  if (Buffer.compare(bytes, bytesOf(value, bytes.length)) !== 0) user.world.violated(`the large value ${value} is not as it was written`);
  return value;
}
