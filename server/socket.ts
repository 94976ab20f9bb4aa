import { randomBytes } from 'node:crypto';
import { chmodSync, linkSync, lstatSync, mkdirSync, statSync, unlinkSync, type BigIntStats } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import { AlreadyExistsError, InvalidArgumentError } from '../proto/errors.js';
import { assertOwnDirectory } from '../proto/user-directory.js';

/** A unix socket that this manager listens on. */
export interface ClaimedSocket {
  /** Removes its file, unless another has taken its place. */
  remove(): void;
}

/**
 * Listens on a unix socket that only its owner can open. A socket left by a daemon that died is replaced; one of a
 * live daemon is left alone. Of several that claim a path at a time, one gets it.
 * @param bind listens on the path that it is given
 */
export async function claimSocket(path: string, bind: (path: string) => Promise<unknown>): Promise<ClaimedSocket> {
  const directory = dirname(path);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  assertOwnDirectory(path);
  // A file that appears listens already: whoever finds it dead knows that it died.
  const own = shortName(directory, randomBytes(4));
  await bindPrivately(directory, () => bind(own));
  try {
    chmodSync(own, 0o600);
    while (!linked(own, path)) await removeDead(own, path);
  } finally {
    unlinkSync(own);
  }
  const mine = lstatSync(path, { bigint: true });
  return {
    remove: () => {
      if (isSame(lstatSync(path, { bigint: true, throwIfNoEntry: false }), mine)) unlinkSync(path);
    },
  };
}

/** Gives a file a further name, where that is free. */
function linked(file: string, name: string): boolean {
  try {
    linkSync(file, name);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Removes the socket of a daemon that died. Throws {@link AlreadyExistsError} if it lives, or another is removing it. */
async function removeDead(own: string, path: string): Promise<void> {
  const found = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket()) throw new AlreadyExistsError(`${path} is there already, and is no socket: listen elsewhere`);
  if (await lives(path)) throw inUse(path);
  const claims: string[] = [];
  for (let n = 0; ; n++) {
    const claim = claimOf(path, found, n);
    claims.push(claim);
    if (linked(own, claim)) break;
    // The one that claimed it before may have died of it.
    if (await lives(claim)) throw inUse(path);
  }
  // Only its claimant removes a file, so that this is still the dead one or another's that came after.
  if (isSame(lstatSync(path, { bigint: true, throwIfNoEntry: false }), found)) unlinkSync(path);
  for (const claim of claims) if (lstatSync(claim, { throwIfNoEntry: false })) unlinkSync(claim);
}

/** The name whose holder may remove this very file; the next number is for who finds that holder dead. */
function claimOf(path: string, { ino, mtimeNs }: BigIntStats, number: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(Number((ino * 31n + mtimeNs + BigInt(number)) % 2n ** 32n));
  return shortName(dirname(path), bytes);
}

/** A name beside the socket that is no longer than most: the system takes about a hundred bytes. */
function shortName(directory: string, bytes: Buffer): string {
  return join(directory, `.${bytes.toString('hex')}`);
}

/** A number of a file may be given again, but not at the time it was given before. */
function isSame(one: BigIntStats | undefined, other: BigIntStats): boolean {
  return one?.ino === other.ino && one.mtimeNs === other.mtimeNs;
}

function inUse(path: string): AlreadyExistsError {
  return new AlreadyExistsError(`another manager listens on unix:${path}: stop it, or listen elsewhere`);
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

/** Whether anything listens on a socket. A busy daemon refuses with EAGAIN, so only a refusal by name means that none does. */
function lives(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', ({ code }: NodeJS.ErrnoException) => resolve(code !== 'ECONNREFUSED' && code !== 'ENOENT'));
  });
}
