import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { InvalidArgumentError } from './errors.js';

/** Reads a token from a file. @throws InvalidArgumentError if the file cannot be read, is empty, or is open to other users */
export function readToken(file: string): string {
  const token = readSecret('token file', file).trim();
  if (token === '') throw new InvalidArgumentError(`the token file ${file} is empty`);
  return token;
}

/**
 * Reads a file with secrets.
 * @param kind of the file, for the error
 * @throws InvalidArgumentError if it cannot be read, or is open to other users
 */
export function readSecret(kind: string, file: string): string {
  let mode: number;
  let text: string;
  try {
    const descriptor = openSync(file, 'r');
    try {
      ({ mode } = fstatSync(descriptor));
      text = readFileSync(descriptor, 'utf8');
    } finally {
      closeSync(descriptor);
    }
  } catch (cause) {
    throw new InvalidArgumentError(`cannot read the ${kind} ${file}: ${(cause as Error).message}`, { cause });
  }
  if ((mode & 0o077) !== 0) throw new InvalidArgumentError(`the ${kind} ${file} is open to others: chmod 600 it`);
  return text;
}
