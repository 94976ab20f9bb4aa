import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LONGEST_PATH } from '../proto/address.js';
import { ManagerUnavailableError } from '../proto/errors.js';

/** Number of characters that `mkdtemp` appends. */
const RANDOM_CHARACTERS = 6;

/**
 * Makes a directory for the socket of a manager that belongs to a program. Only this user can enter it. Tries the directory for temporary
 * files first. If that is missing, full, not writable, or its path too long for a socket, tries the places that Python's `tempfile` tries
 * next.
 * @throws ManagerUnavailableError if none can be used
 */
export function makeSocketDirectory(): string {
  const refusals: string[] = [];
  for (const parent of new Set([tmpdir(), '/tmp', '/var/tmp', process.cwd()])) {
    const prefix = join(parent, 'commonhold-');
    if (Buffer.byteLength(socketIn(prefix)) + RANDOM_CHARACTERS > LONGEST_PATH) {
      refusals.push(`${parent} is too long for a socket`);
      continue;
    }
    try {
      return withRoom(mkdtempSync(prefix));
    } catch (error) {
      refusals.push((error as Error).message);
    }
  }
  throw new ManagerUnavailableError(
    `no directory for the socket of the manager (${refusals.join('; ')}): set TMPDIR to a directory of less than 80 bytes that this user can write to`,
  );
}

/** Entries that claiming a socket makes at a time: the socket under a name of its own, and under its final one. A disk may need an inode for each. */
const ENTRIES = ['own', 'final'];

/** Returns the directory if a socket can be made in it: a disk may have room for a directory, and for nothing more. */
function withRoom(directory: string): string {
  const files = ENTRIES.map((entry) => join(directory, entry));
  try {
    for (const file of files) writeFileSync(file, '');
    for (const file of files) rmSync(file);
    return directory;
  } catch (error) {
    rmSync(directory, { recursive: true, force: true });
    throw error;
  }
}

/** Returns the path of the socket in such a directory. */
export function socketIn(directory: string): string {
  return join(directory, 'manager.sock');
}
