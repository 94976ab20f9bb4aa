import { chmodSync, lstatSync, mkdirSync, statSync, unlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import { AlreadyExistsError, InvalidArgumentError } from '../proto/errors.js';

/**
 * Binds a unix socket that only its owner can open. A socket left by a daemon that died is replaced;
 * one that answers belongs to a live daemon and is left alone.
 */
export async function claimSocket(path: string, bind: () => Promise<unknown>): Promise<void> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found !== undefined) {
    if (!found.isSocket()) throw new AlreadyExistsError(`${path} is there already, and is no socket: listen elsewhere`);
    if (await answers(path)) throw new AlreadyExistsError(`another manager listens on unix:${path}: stop it, or listen elsewhere`);
    unlinkSync(path);
  }
  await bindPrivately(dirname(path), bind);
  chmodSync(path, 0o600);
}

/** The mode of a socket comes from the umask at the moment it is bound, which a thread cannot set for itself. */
async function bindPrivately(directory: string, bind: () => Promise<unknown>): Promise<void> {
  if (!isMainThread) {
    if ((statSync(directory).mode & 0o077) !== 0) {
      throw new InvalidArgumentError(`an embedded manager listens only in directories that are closed to others: chmod 700 ${directory}`);
    }
    await bind();
    return;
  }
  const umask = process.umask(0o177);
  try {
    await bind();
  } finally {
    process.umask(umask);
  }
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
