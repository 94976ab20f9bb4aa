import { lstatSync } from 'node:fs';
import { dirname } from 'node:path';
import { userSocket } from './address.js';
import { InvalidArgumentError } from './errors.js';

/**
 * Checks that the directory of the user's own socket belongs to the user, if it exists: in the temporary folder another user can create it
 * first, and would then receive the token of every client. A socket path that the user chose is not checked.
 * @throws InvalidArgumentError which says what to do
 */
export function assertOwnDirectory(path: string): void {
  if (`unix:${path}` !== userSocket()) return;
  const directory = dirname(path);
  const found = lstatSync(directory, { throwIfNoEntry: false });
  if (found === undefined) return;
  // A symbolic link does not pass: another user could redirect it at any time.
  if (!found.isDirectory()) throw refused(directory, 'is not a directory', 'remove it');
  const uid = process.getuid!();
  if (found.uid !== uid) throw refused(directory, `belongs to the user ${found.uid}, not to ${uid}`, 'have it removed');
  if ((found.mode & 0o077) !== 0) throw refused(directory, 'is open to other users', `chmod 700 ${directory}`);
}

function refused(directory: string, why: string, remedy: string): InvalidArgumentError {
  return new InvalidArgumentError(
    `${directory}, the directory of the manager's socket, ${why}: ${remedy}, or set XDG_RUNTIME_DIR or COMMONHOLD_ADDRESS`,
  );
}
