import { writeFileSync } from 'node:fs';
import { expect } from '@jest/globals';
import { Manager, PermissionDeniedError } from 'commonhold';
import { fresh } from '../conformance/support.js';

/** A token in a file of tokens. */
export interface TokenEntry {
  readonly name: string;
  readonly token?: string;
  readonly sha256?: string;
  readonly rights: readonly { readonly objects: string; readonly verbs: readonly ('read' | 'write' | 'admin')[] }[];
}

/** Writes a file of tokens that is closed to other users. Returns its path. */
export function writeTokens(folder: { join(name: string): string }, tokens: readonly TokenEntry[]): string {
  const file = folder.join('tokens.json');
  writeFileSync(file, JSON.stringify(tokens), { mode: 0o600 });
  return file;
}

/** Status of a gRPC call. */
export const STATUS = { ok: 0, permissionDenied: 7, aborted: 10, unauthenticated: 16 } as const;

/** The token without a name, which has all rights. */
export const ADMIN = 'the secret of all';

export const secretOf = (name: string): string => `the secret of ${name}`;
const entry = (name: string, ...rights: TokenEntry['rights']): TokenEntry => ({ name, token: secretOf(name), rights });
export const READER = entry('reader', { objects: 'shared.*', verbs: ['read'] });
export const WRITER = entry('writer', { objects: 'shared.*', verbs: ['read', 'write'] });
export const PRODUCER = entry('producer', { objects: 'shared.*', verbs: ['write'] });
export const OWNER = entry('owner', { objects: '*', verbs: ['read', 'write', 'admin'] });
export const ANONYMOUS = entry('anonymous', { objects: '~*', verbs: ['read', 'write'] });
export const TOKENS = [READER, WRITER, PRODUCER, ANONYMOUS];

const clients: Manager[] = [];

/** Connects with a token, until the end of the test. */
export async function as({ name }: TokenEntry, address: string): Promise<Manager> {
  const client = await Manager.connect(address, { token: secretOf(name) });
  clients.push(client);
  return client;
}

/** Closes the clients of the test. */
export async function closeClients(): Promise<void> {
  for (const client of clients.splice(0)) await client.close();
}

/** Returns a new name of an object on which the tokens of the tests have rights. */
export const shared = (what: string): string => `shared.${fresh(what)}`;

/** Expects that a call is denied a verb on an object. */
export async function denied(call: Promise<unknown>, verb: string, object: string): Promise<void> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason as PermissionDeniedError,
  );
  expect(error).toBeInstanceOf(PermissionDeniedError);
  expect(error).toMatchObject({ object, mayHaveExecuted: false, message: expect.stringContaining(`no right to ${verb} "${object}"`) });
}
