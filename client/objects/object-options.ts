import { InvalidArgumentError } from '../../proto/errors.js';
import type { OptionNames } from '../../proto/known-options.js';
import { quoted } from '../../proto/given.js';
import type { Schema } from './schema.js';
import { givenMilliseconds, milliseconds } from '../wait.js';

/** Options of every shared object. */
export interface ObjectOptions {
  /**
   * Milliseconds after which the object expires, counted from its creation; an existing object keeps its time to live. See
   * `expire()` of the object. Default: it exists until it is destroyed, or, without a name, until nothing refers to it.
   */
  ttl?: number | undefined;
  /**
   * Where the object lives: in the manager, or in the shared memory of this process. In shared memory, the threads of this process access
   * it at memory speed, and can use its `sync`; other processes access it through the manager like any other object. The memory is
   * allocated with the first such object of the process, and threads started later share it. Not available for sets, namespaces, pipes and
   * registered types. Default: `'manager'`; in an arena, `'process'`.
   */
  home?: 'manager' | 'process' | undefined;
  /**
   * Interval in milliseconds at which the manager gets a copy of an object with `home: 'process'`. When the process ends, the manager
   * continues with the latest copy. Default: never, and the object ends with the process.
   */
  backup?: number | undefined;
  /**
   * Size limit in bytes of the memory for all objects with `home: 'process'`, at most 2 GiB. Set by the first such object; later ones give
   * the same size or none. Default: 1 GiB, or less if the system has less memory available. The system provides memory only as it is used.
   */
  maxSize?: number | undefined;
}

/** Options of shared objects that hold users' values. */
export interface ValuesOptions<V = unknown> extends ObjectOptions {
  /**
   * Schema that checks every value on writes and on reads: a Standard Schema, such as of zod, valibot and arktype, or
   * `messageSchema(...)` of `commonhold/proto`. Writes store the output of the schema, so the schema must accept its own output. It belongs
   * to this proxy: the manager does not know it, and a reference to the proxy does not carry it. Default: any value.
   */
  schema?: Schema<V> | undefined;
}

export const OBJECT_OPTIONS = { ttl: true, home: true, backup: true, maxSize: true } satisfies OptionNames<ObjectOptions>;
export const VALUES_OPTIONS = { ...OBJECT_OPTIONS, schema: true } satisfies OptionNames<ValuesOptions>;

/**
 * Returns true if the options select this process as the home.
 * @throws InvalidArgumentError for an invalid home, backup or size
 */
export function atHome({ home, backup, maxSize }: ObjectOptions): boolean {
  if (home !== undefined && home !== 'manager' && home !== 'process') {
    throw new InvalidArgumentError(`home is ${quoted(home)}: give 'manager' or 'process'`);
  }
  if (backup !== undefined && !(givenMilliseconds('backup', backup) > 0 && home === 'process')) {
    throw new InvalidArgumentError("backup: give milliseconds above 0, for an object with { home: 'process' }");
  }
  if (maxSize !== undefined && home !== 'process') {
    throw new InvalidArgumentError("maxSize: it applies to objects with { home: 'process' } only");
  }
  checkSize('maxSize', maxSize);
  return home === 'process';
}

/** Largest size of a shared memory in bytes: offsets in it are signed. */
const LARGEST = 2 ** 31;

/** @throws InvalidArgumentError if it is not a valid size of shared memory */
export function checkSize(name: string, bytes: number | undefined): void {
  if (bytes === undefined || (Number.isInteger(bytes) && bytes > 0 && bytes <= LARGEST)) return;
  throw new InvalidArgumentError(`${name} is ${quoted(bytes)}: give bytes, a whole number from 1 to ${LARGEST}`);
}

/**
 * Converts a time to live for the wire.
 * @throws InvalidArgumentError for 0, a negative time or NaN; OutOfRangeError beyond 2^53
 */
export function ttlMs(ttl: number | undefined): number | undefined {
  const ms = milliseconds('ttl', ttl);
  if (ms === 0) throw new InvalidArgumentError('a ttl of 0 ms is over before it begins: give at least 1');
  return ms;
}
