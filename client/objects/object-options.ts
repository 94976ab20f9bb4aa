import { InvalidArgumentError } from '../../proto/errors.js';
import type { OptionNames } from '../known-options.js';
import type { Schema } from './schema.js';
import { givenMilliseconds, milliseconds } from '../wait.js';

/** Options of every shared object. */
export interface ObjectOptions {
  /**
   * Milliseconds after which the object ends by itself, counted from when it is made; one that exists keeps
   * what it has. See {@link ObjectProxy.expire}. Default: it stays until it is destroyed, or, without a name,
   * until nothing refers to it.
   */
  ttl?: number | undefined;
  /**
   * Where the object lives: in the manager, or in the shared memory of this process. There its threads work on it at
   * memory speed, and have its `sync`; other processes reach it through the manager as any other. Its memory is made
   * with the first such object of the process; threads that are started later work on the same. Not for sets,
   * namespaces, pipes and registered types. Default: `'manager'`; of an arena, `'process'`.
   */
  home?: 'manager' | 'process' | undefined;
  /**
   * Of an object at home in a process: how often the manager gets a copy, in milliseconds. When the process ends, the
   * manager goes on from the last one. Default: never, and the object ends with the process.
   */
  backup?: number | undefined;
  /**
   * Of the first object at home in a process: bytes that the memory of all of them may have, at most 2 GiB. The next ones give
   * the same, or none. Default: 1 GiB, or as much as the system has room for, of which it gives what is used.
   */
  maxSize?: number | undefined;
}

/** Options of shared objects that hold values of the user. */
export interface ValuesOptions<V = unknown> extends ObjectOptions {
  /**
   * What checks every value, on its way in and on its way out: a Standard Schema, as those of zod, valibot
   * and arktype are, or `messageSchema(...)` of `commonhold/proto`. On the way in, what the schema makes of
   * the value is stored, so it must accept what it gives. It belongs to this proxy: the manager does not
   * know it, and a proxy that is passed on or stored does not carry it. Default: any value.
   */
  schema?: Schema<V> | undefined;
}

export const OBJECT_OPTIONS = { ttl: true, home: true, backup: true, maxSize: true } satisfies OptionNames<ObjectOptions>;
export const VALUES_OPTIONS = { ...OBJECT_OPTIONS, schema: true } satisfies OptionNames<ValuesOptions>;

/**
 * Whether an object is to be at home in this process.
 * @throws InvalidArgumentError for a home, a backup or a size that is none
 */
export function atHome({ home, backup, maxSize }: ObjectOptions): boolean {
  if (home !== undefined && home !== 'manager' && home !== 'process') {
    throw new InvalidArgumentError(`home is ${String(home)}: give 'manager' or 'process'`);
  }
  if (backup !== undefined && !(givenMilliseconds('backup', backup) > 0 && home === 'process')) {
    throw new InvalidArgumentError("backup: give milliseconds above 0, of an object with { home: 'process' }");
  }
  if (maxSize !== undefined && home !== 'process') {
    throw new InvalidArgumentError("maxSize: it is of the memory of objects with { home: 'process' }");
  }
  checkSize('maxSize', maxSize);
  return home === 'process';
}

/** Bytes that a shared memory can have at most: offsets in it are signed. */
const LARGEST = 2 ** 31;

/** Whether it is a size of shared memory. @throws InvalidArgumentError for one that is none */
export function checkSize(name: string, bytes: number | undefined): void {
  if (bytes === undefined || (Number.isInteger(bytes) && bytes > 0 && bytes <= LARGEST)) return;
  throw new InvalidArgumentError(`${name} is ${String(bytes)}: give bytes, a whole number from 1 to ${LARGEST}`);
}

/**
 * A time to live as it travels.
 * @throws InvalidArgumentError for 0, a negative time or NaN; OutOfRangeError beyond 2^53
 */
export function ttlMs(ttl: number | undefined): number | undefined {
  const ms = milliseconds('ttl', ttl);
  if (ms === 0) throw new InvalidArgumentError('a ttl of 0 ms is over before it begins: give at least 1');
  return ms;
}
