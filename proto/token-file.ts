import { readFileSync, statSync } from 'node:fs';
import { InvalidArgumentError } from './errors.js';

/** Reads a token from a file. @throws InvalidArgumentError if the file cannot be read, is empty, or is open to other users */
export function readToken(file: string): string {
  let mode: number;
  let token: string;
  try {
    mode = statSync(file).mode;
    token = readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new InvalidArgumentError(`cannot read the token file ${file}: ${(cause as Error).message}`, { cause });
  }
  if ((mode & 0o077) !== 0) throw new InvalidArgumentError(`the token file ${file} is open to others: chmod 600 it`);
  if (token === '') throw new InvalidArgumentError(`the token file ${file} is empty`);
  return token;
}
