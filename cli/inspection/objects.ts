import type { ObjectInfo } from '../../client/connect/info.js';
import type { Manager } from '../../client/connect/manager.js';
import type { SharedArray } from '../../client/objects/array.js';
import type { SharedValue } from '../../client/objects/value.js';
import { reference } from '../../proto/codec/handle.js';
import type { Typecode } from '../../proto/codec/typecode.js';
import { InvalidArgumentError, NotFoundError } from '../../proto/errors.js';
import type { Kind } from '../../proto/gen/commonhold/v1/services_wire.js';
import { connect, objectNamed, type InspectionFlags } from './manager.js';
import { jsonLine, jsonValue, line, rows } from './output.js';
import { duration, size } from './text.js';
import { jsonOf, parseKey, parseValue, shown } from './values.js';

/** Entries that `get` shows of a whole object, unless it is told otherwise. */
const SHOWN_ENTRIES = 100;

export interface KeyFlags extends InspectionFlags {
  readonly jsonKey?: boolean | undefined;
}

export interface GetFlags extends KeyFlags {
  readonly limit?: number | undefined;
  readonly prefix?: string | undefined;
}

export interface SetFlags extends KeyFlags {
  readonly text?: boolean | undefined;
  readonly ttl?: number | undefined;
  readonly kind?: string | undefined;
}

/** Lists the objects with matching names. */
export async function ls(match: string | undefined, flags: InspectionFlags & { readonly kind?: string | undefined }): Promise<void> {
  await using manager = await connect(flags, 'ls');
  const columns = {
    NAME: ({ name }: ObjectInfo) => name,
    KIND: ({ kind }: ObjectInfo) => kind,
    SIZE: ({ size }: ObjectInfo) => size,
    BYTES: ({ bytes }: ObjectInfo) => size(bytes),
    AGE: ({ age }: ObjectInfo) => duration(age),
    ENDS: ({ expiresIn }: ObjectInfo) => duration(expiresIn),
    HELD: ({ holders }: ObjectInfo) => holders.length,
    WAITING: ({ waiters }: ObjectInfo) => waiters,
    OPTIONS: ({ options }: ObjectInfo) =>
      Object.entries(options)
        .map(([name, value]) => `${name}=${value}`)
        .join(' '),
  };
  await rows(manager.objects({ match, kind: flags.kind as Kind | undefined }), columns, flags);
}

/** Shows the value of a key, of an index, or of a whole object. */
export async function get(name: string, key: string | undefined, flags: GetFlags): Promise<void> {
  await using manager = await connect(flags, 'get');
  const { kind } = await objectNamed(manager, name);
  const show = flags.json ? jsonValue : (value: unknown) => line(shown(value));
  if (key !== undefined) {
    const value = await part(manager, kind, name, key, flags);
    if (value === undefined) throw new NotFoundError(`the ${kind} "${name}" has no ${JSON.stringify(key)}`);
    show(value);
    return;
  }
  if (flags.prefix !== undefined && kind !== 'dict') throw new InvalidArgumentError('--prefix is for the keys of a dict');
  const { limit = SHOWN_ENTRIES } = flags;
  let left = limit;
  for await (const entry of contents(manager, kind, name, limit + 1, flags)) {
    if (left-- === 0) {
      process.stderr.write(`commonhold: there are more: give --limit NUMBER\n`);
      return;
    }
    if (!Array.isArray(entry.pair)) show(entry.value);
    else if (flags.json) jsonLine({ key: jsonOf(entry.pair[0]), value: jsonOf(entry.pair[1]) });
    else line(`${shown(entry.pair[0])}  ${shown(entry.pair[1])}`);
  }
}

async function part(manager: Manager, kind: Kind, name: string, key: string, { jsonKey }: KeyFlags): Promise<unknown> {
  switch (kind) {
    case 'dict':
      return manager.dict(name).get(parseKey(key, jsonKey));
    case 'namespace':
      return ((await manager.namespace(name).toObject()) as Record<string, unknown>)[key];
    case 'list':
      return manager.list(name).at(index(key));
    case 'array':
      return arrayOf(manager, name).get(index(key));
    default:
      throw new InvalidArgumentError(`a ${kind} has no keys: leave out ${JSON.stringify(key)}`);
  }
}

/** An entry of an object with keys, or a value of another one. */
interface Content {
  readonly pair?: readonly [unknown, unknown];
  readonly value?: unknown;
}

/** Yields the contents of an object, of which at least `most` are wanted. */
async function* contents(manager: Manager, kind: Kind, name: string, most: number, { prefix }: GetFlags): AsyncGenerator<Content> {
  switch (kind) {
    case 'dict':
      for await (const pair of manager.dict(name).entries(prefix === undefined ? {} : { prefix })) yield { pair };
      return;
    case 'namespace':
      for (const pair of Object.entries(await manager.namespace(name).toObject())) yield { pair };
      return;
    case 'list':
      for await (const value of manager.list(name)) yield { value };
      return;
    case 'set':
      for await (const value of manager.set(name)) yield { value };
      return;
    case 'array':
      for (const value of await arrayOf(manager, name).read()) yield { value };
      return;
    case 'value':
      yield { value: await valueOf(manager, name).get() };
      return;
    case 'event':
      yield { value: await manager.event(name).isSet() };
      return;
    case 'queue':
      for (const value of await manager.queue(name).peek(most)) yield { value };
      return;
    default:
      yield { value: await objectNamed(manager, name) };
  }
}

/** Stores a value under a key, at an index, or in a value. */
export async function set(name: string, keyOrValue: string, value: string | undefined, flags: SetFlags): Promise<void> {
  await using manager = await connect(flags, 'set');
  const kind = flags.kind ?? (await objectNamed(manager, name)).kind;
  if (flags.ttl !== undefined && kind !== 'dict') throw new InvalidArgumentError('--ttl is for the keys of a dict');
  if (kind === 'value') {
    if (value !== undefined) throw new InvalidArgumentError('a value has no keys: give the name and the value');
    await manager.value<unknown>(name, null).set(parseValue(keyOrValue, flags.text));
  } else {
    if (value === undefined) throw new InvalidArgumentError(`give the name, the ${kind === 'dict' ? 'key' : 'place'}, and the value`);
    await setPart(manager, kind, name, keyOrValue, parseValue(value, flags.text), flags);
  }
}

function setPart(manager: Manager, kind: string, name: string, key: string, value: unknown, { jsonKey, ttl }: SetFlags): Promise<void> {
  switch (kind) {
    case 'dict':
      return manager.dict(name).set(parseKey(key, jsonKey), value, { ttl });
    case 'namespace':
      return manager.namespace(name).assign({ [key]: value });
    case 'list':
      return manager.list(name).set(index(key), value);
    case 'array':
      return arrayOf(manager, name).set(index(key), value as number);
    default:
      throw new InvalidArgumentError(`set is for dicts, namespaces, lists, arrays and values, and "${name}" is a ${kind}`);
  }
}

/** Deletes keys, or destroys an object. */
export async function del(name: string, keys: readonly string[], flags: KeyFlags): Promise<void> {
  await using manager = await connect(flags, 'del');
  const { kind } = await objectNamed(manager, name);
  if (keys.length === 0) {
    await manager.open(reference(kind, name)).destroy();
    if (flags.json) jsonLine({ destroyed: 1 });
    else line(`destroyed ${kind} ${shown(name)}`);
    return;
  }
  const deleted = await deleteKeys(manager, kind, name, keys, flags);
  if (flags.json) jsonLine({ deleted });
  else line(`deleted ${deleted} of ${keys.length}`);
  if (deleted < keys.length) throw new NotFoundError(`the ${kind} "${name}" had not all of these keys`);
}

async function deleteKeys(manager: Manager, kind: Kind, name: string, keys: readonly string[], { jsonKey }: KeyFlags): Promise<number> {
  if (kind === 'dict') return manager.dict(name).deleteMany(keys.map((key) => parseKey(key, jsonKey)));
  if (kind === 'set') return manager.set(name).delete(...keys.map((key) => parseKey(key, jsonKey)));
  if (kind !== 'namespace') throw new InvalidArgumentError(`a ${kind} has no keys: without keys, del destroys the object`);
  const deleted = await Promise.all(keys.map((key) => manager.namespace(name).delete(key)));
  return deleted.filter(Boolean).length;
}

function index(text: string): number {
  const number = Number(text);
  if (text === '' || !Number.isInteger(number)) throw new InvalidArgumentError(`${JSON.stringify(text)} is no index: give a whole number`);
  return number;
}

function arrayOf(manager: Manager, name: string): SharedArray<Typecode> {
  return manager.open(reference('array', name)) as SharedArray<Typecode>;
}

/** Proxy of a value that is there. */
export function valueOf(manager: Manager, name: string): SharedValue<unknown> {
  return manager.open(reference('value', name)) as SharedValue<unknown>;
}
