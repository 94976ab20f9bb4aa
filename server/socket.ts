import { randomBytes } from 'node:crypto';
import { chmodSync, linkSync, lstatSync, mkdirSync, statSync, unlinkSync, type BigIntStats } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import { AlreadyExistsError, InvalidArgumentError } from '../proto/errors.js';
import { assertOwnDirectory } from '../proto/user-directory.js';

/** A unix socket that this manager listens on. */
export interface ClaimedSocket {
  /** Removes the socket file, unless another file has replaced it. */
  remove(): void;
}

/**
 * Listens on a unix socket that only its owner can open. Replaces the socket of a daemon that died, and leaves that of a live daemon alone.
 * If several managers claim a path at a time, one gets it.
 * @param bind listens on the path that it gets, and makes the file before it returns
 */
export async function claimSocket(path: string, bind: (path: string) => Promise<unknown>): Promise<ClaimedSocket> {
  const directory = dirname(path);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  assertOwnDirectory(path);
  // The file gets its final name only once it listens, so a file at `path` that refuses connections belongs to a daemon that died.
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

/** Adds a name for a file. Returns false if the name is taken. */
function linked(file: string, name: string): boolean {
  try {
    linkSync(file, name);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Removes the socket of a daemon that died. Throws AlreadyExistsError if the daemon lives, or if another manager is removing its socket.
 */
async function removeDead(own: string, path: string): Promise<void> {
  const found = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket()) throw new AlreadyExistsError(`${path} exists and is not a socket: listen elsewhere`);
  if (await lives(path)) throw inUse(path);
  const claims: string[] = [];
  for (let n = 0; ; n++) {
    const claim = claimOf(path, found, n);
    claims.push(claim);
    if (linked(own, claim)) break;
    // The manager that claimed the file before may have died too.
    if (await lives(claim)) throw inUse(path);
  }
  // Only the manager with the claim removes this file. So the path has either the dead socket still, or a new one of another manager.
  if (isSame(lstatSync(path, { bigint: true, throwIfNoEntry: false }), found)) unlinkSync(path);
  for (const claim of claims) if (lstatSync(claim, { throwIfNoEntry: false })) unlinkSync(claim);
}

/** Returns the name of a claim. The manager that links it may remove the dead file. If that manager died too, the next number is used. */
function claimOf(path: string, { ino, mtimeNs }: BigIntStats, number: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(Number((ino * 31n + mtimeNs + BigInt(number)) % 2n ** 32n));
  return shortName(dirname(path), bytes);
}

/** Returns a path no longer than that of the socket, since a socket path may have only about a hundred bytes. */
function shortName(directory: string, bytes: Buffer): string {
  return join(directory, `.${bytes.toString('hex')}`);
}

/** Compares inode and time, because inode numbers are reused. */
function isSame(one: BigIntStats | undefined, other: BigIntStats): boolean {
  return one?.ino === other.ino && one.mtimeNs === other.mtimeNs;
}

function inUse(path: string): AlreadyExistsError {
  return new AlreadyExistsError(`another manager listens on unix:${path}: stop it, or listen elsewhere`);
}

/**
 * Binds a socket that only its owner can open. The umask at the time of the bind gives its mode. A thread cannot set the umask, so its
 * directory must be private instead.
 */
async function bindPrivately(directory: string, bind: () => Promise<unknown>): Promise<void> {
  if (!isMainThread) {
    if ((statSync(directory).mode & 0o077) !== 0) {
      throw new InvalidArgumentError(`an embedded manager listens only in directories that are closed to others: chmod 700 ${directory}`);
    }
    await bind();
    return;
  }
  let bound: Promise<unknown>;
  // Taken back before anything else runs: another bind meanwhile would take it for the umask of the process.
  const umask = process.umask(0o177);
  try {
    bound = bind();
  } finally {
    process.umask(umask);
  }
  await bound;
}

/**
 * Returns true if a process listens on the socket. A busy daemon refuses with EAGAIN, so only ECONNREFUSED and ENOENT mean that there is
 * none.
 */
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
