import { expect } from '@jest/globals';
import { z } from 'zod';
import { SchemaError } from '../../client/index.js';

export const user = z.object({ name: z.string(), age: z.number().int().min(0).default(18) });
export type User = z.infer<typeof user>;

export const small = z.number().max(9);

/** Returns the error that a call rejects with, which must be a SchemaError. */
export async function refused(call: Promise<unknown>): Promise<SchemaError> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(SchemaError);
  return error as SchemaError;
}

/** Returns the error that a function throws, which must be a SchemaError. */
export function refusedAtOnce(read: () => unknown): SchemaError {
  let error: unknown;
  try {
    read();
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(SchemaError);
  return error as SchemaError;
}
