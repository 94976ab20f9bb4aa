import { isDeepStrictEqual } from 'node:util';
import { expect } from '@jest/globals';
import { ManagerError } from '../../../proto/errors.js';

/** Fails unless two values are equal in everything that is encoded, with the same identities inside. */
export function expectSame(actual: unknown, expected: unknown): void {
  const partners = new Map<object, object>();
  const compare = (a: unknown, b: unknown, path: string): void => {
    if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null) {
      if (!Object.is(a, b)) throw new Error(`${path}: ${String(a)} is not ${String(b)}`);
      return;
    }
    const partner = partners.get(b);
    if (partner !== undefined) {
      if (partner !== a) throw new Error(`${path}: not the same object again`);
      return;
    }
    partners.set(b, a);
    if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) throw new Error(`${path}: another class`);
    if (b instanceof Date) return compare((a as Date).getTime(), b.getTime(), path);
    if (ArrayBuffer.isView(b) || b instanceof ArrayBuffer || b instanceof RegExp) {
      if (!isDeepStrictEqual(a, b)) throw new Error(`${path}: another content`);
      return;
    }
    const [left, right] = [partsOf(a), partsOf(b)];
    if (left.length !== right.length) throw new Error(`${path}: ${left.length} parts instead of ${right.length}`);
    left.forEach(([key, value], i) => {
      compare(key, right[i]![0], `${path}[key ${i}]`);
      compare(value, right[i]![1], `${path}[${i}]`);
    });
  };
  compare(actual, expected, '$');
  expect(true).toBe(true);
}

function partsOf(value: object): [unknown, unknown][] {
  if (value instanceof Map) return [...value];
  if (value instanceof Set) return [...value].map((member, i) => [i, member]);
  if (value instanceof Error)
    return ['name', 'message', 'stack', 'cause', 'errors'].map((key) => [key, (value as unknown as Record<string, unknown>)[key]]);
  return [['length', Array.isArray(value) ? value.length : 0], ...Object.entries(value)];
}

/** Runs code that reads hostile bytes: it may throw an error of ours, and no other. */
export function refusesOrNot(run: () => unknown): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof ManagerError)) throw error;
  }
}
