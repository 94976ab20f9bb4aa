import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InvalidArgumentError, ManagerUnavailableError } from '../proto/errors.js';
import type { ConnectOptions } from './options.js';
import { DAEMON } from './paths.js';

/** Options of {@link Manager.start}. */
export interface StartOptions extends Omit<ConnectOptions, 'token' | 'reconnect'> {
  /** Further addresses to listen on, as `127.0.0.1:0`. Default: a unix socket of its own, which only this user can open. */
  listen?: string | readonly string[] | undefined;
  /** Secret that clients must carry. Default: none. */
  token?: string | undefined;
  /** Largest message taken or sent, in bytes. Default: 64 MiB. */
  maxPayload?: number | undefined;
  /** How many changes of a dict or list are kept for those who watch it. Default: 10,000. */
  watchHistory?: number | undefined;
}

/** A manager process that this program started. */
export interface Daemon {
  readonly addresses: readonly string[];
  readonly pid: number;
  /** Ends it in order, and resolves when it is gone. */
  stop(): Promise<void>;
}

/** How long an ending manager has until it is killed. */
const GRACE_MS = 5_000;

/** Starts a manager process that ends with this program, however that ends. */
export async function startDaemon(options: StartOptions): Promise<Daemon> {
  const directory = mkdtempSync(join(tmpdir(), 'commonhold-'));
  const listen = [`unix:${join(directory, 'manager.sock')}`, ...[options.listen ?? []].flat()];
  // Flags of this program, as --inspect or a loader's, are not the manager's.
  const child = spawn(process.execPath, [fileURLToPath(DAEMON)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    serialization: 'advanced',
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  void exited.then(() => rmSync(directory, { recursive: true, force: true }));
  try {
    const { token, maxPayload, watchHistory } = options;
    const addresses = await listening(child, { listen, token, maxPayload, watchHistory, directory });
    child.unref();
    child.channel?.unref();
    return { addresses, pid: child.pid!, stop: () => stop(child, exited) };
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}

function listening(child: ChildProcess, options: object): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    const failed = (why: string): void => reject(new ManagerUnavailableError(`the manager did not start: ${why}`));
    child.once('error', (error) => failed(error.message));
    // Behind the last message, which 'exit' may overtake.
    child.once('close', (code, signal) => failed(`its process ended with ${signal ?? `code ${code}`}`));
    child.once('message', (message: { addresses: readonly string[] } | { error: string; invalid: boolean }) => {
      if ('addresses' in message) resolve(message.addresses);
      else if (message.invalid) reject(new InvalidArgumentError(message.error));
      else failed(message.error);
    });
    child.send(options);
  });
}

async function stop(child: ChildProcess, exited: Promise<void>): Promise<void> {
  child.ref();
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
  await exited;
  clearTimeout(timer);
}
