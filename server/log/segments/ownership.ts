import { closeSync, existsSync, mkdirSync, openSync, statSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import { LONGEST_PATH } from '../../../proto/address.js';
import { AlreadyExistsError, InvalidArgumentError } from '../../../proto/errors.js';
import { claimSocket } from '../../socket.js';
import { OWNER, syncDirectory } from './files.js';

/** The one ownership of a directory. It ends with the process. */
export interface DirectoryOwnership {
  release(): Promise<void>;
}

/** Name of the temporary socket that `claimSocket` makes beside the one that it claims. */
const LONGEST_NAME = '.00000000';

/**
 * Makes the directory, if it does not exist, and becomes its owner. The kernel knows if another owner lives: it listens on a socket there,
 * also in another container.
 * @throws AlreadyExistsError while another owner lives
 */
export async function ownDirectory(directory: string): Promise<DirectoryOwnership> {
  makeDirectory(directory);
  assertClosed(directory);
  const folder = openSync(directory, 'r');
  const server = createServer((socket) => socket.destroy());
  try {
    const socket = await claimSocket(join(shortPath(directory, folder), OWNER), (path) => once(server.listen(path), 'listening'));
    return {
      release: async () => {
        socket.remove();
        server.close();
        await once(server, 'close');
        closeSync(folder);
      },
    };
  } catch (error) {
    server.close();
    closeSync(folder);
    if (!(error instanceof AlreadyExistsError)) throw error;
    throw new AlreadyExistsError(`another manager keeps its log in ${directory}: stop it, or use another directory`, { cause: error });
  }
}

/** Makes a directory, and its name durable. */
function makeDirectory(directory: string): void {
  const made = mkdirSync(directory, { recursive: true, mode: 0o700 });
  if (made === undefined) return;
  for (let path = directory; path.length >= made.length; path = dirname(path)) syncDirectory(dirname(path));
}

/** In a thread, `claimSocket` cannot protect the socket by its mode. */
function assertClosed(directory: string): void {
  if (isMainThread || (statSync(directory).mode & 0o077) === 0) return;
  throw new InvalidArgumentError(`an embedded manager keeps its log only in a directory that is closed to others: chmod 700 ${directory}`);
}

/** Returns a path of the directory that is short enough for a socket in it. */
function shortPath(directory: string, descriptor: number): string {
  const byDescriptor = `/proc/self/fd/${descriptor}`;
  if (existsSync(byDescriptor)) return byDescriptor;
  const path = resolve(directory);
  if (Buffer.byteLength(join(path, LONGEST_NAME)) <= LONGEST_PATH) return path;
  const most = LONGEST_PATH - LONGEST_NAME.length - 1;
  throw new InvalidArgumentError(`the path ${path} is too long: this system takes ${most} bytes for a directory with a socket in it`);
}
