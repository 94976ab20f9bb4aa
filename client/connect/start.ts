import { spawn, type ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { InvalidArgumentError, ManagerUnavailableError } from '../../proto/errors.js';
import { refuseWhileLoading } from '../../proto/loading.js';
import { marked } from '../../proto/marked.js';
import type { Report } from '../../proto/report.js';
import { hear, signalChild, withoutInspector } from './child.js';
import { checkOptions, type OptionNames } from '../known-options.js';
import type { ConnectOptions } from './options.js';
import { daemonFile } from '../paths.js';

/** Options of {@link Manager.start}. */
export interface StartOptions extends Omit<ConnectOptions, 'token' | 'reconnect'> {
  /** Further addresses to listen on, as `127.0.0.1:0`. Default: a unix socket of its own, which only this user can open. */
  listen?: string | readonly string[] | undefined;
  /** Secret that clients must carry. Default: none. */
  token?: string | undefined;
  /** Largest message taken or sent, in bytes. Default: 64 MiB. */
  maxPayload?: number | undefined;
  /**
   * Modules of registered types, whose classes {@link Manager.object} makes objects of: paths, from the
   * working directory on, or URLs. They are loaded in the manager. Default: none.
   */
  register?: string | URL | readonly (string | URL)[] | undefined;
  /**
   * Files that describe protobuf messages of yours, each a FileDescriptorSet with all its imports: grpcurl
   * and the like then show and take such messages as JSON. Default: none.
   */
  descriptors?: string | readonly string[] | undefined;
  /** How many changes of a dict or list are kept for those who watch it. Default: 10,000. */
  watchHistory?: number | undefined;
}

const START_OPTIONS = {
  label: true,
  callTimeout: true,
  owner: true,
  callSites: true,
  listen: true,
  token: true,
  maxPayload: true,
  register: true,
  descriptors: true,
  watchHistory: true,
} satisfies OptionNames<StartOptions>;

/** A manager that this program started. */
export interface Daemon {
  readonly addresses: readonly string[];
  /** Process id, where it has a process of its own. */
  readonly pid: number | undefined;
  /** Adds to the error of a connection how the manager ended, where it did. */
  readonly explain: (reason: ManagerUnavailableError) => Promise<ManagerUnavailableError>;
  /** Ends it in order, or kills it after so many milliseconds; resolves when it is gone. */
  stop(graceMs: number): Promise<void>;
}

/** How long the end of a connection waits for that of the process behind it. */
const END_MS = 1_000;
/** How long an ending manager has until it is killed. */
export const GRACE_MS = 4_000;

/** What it is told. */
export function ownedOptions(options: StartOptions) {
  checkOptions(options, START_OPTIONS);
  const { listen, token, maxPayload, register, descriptors, watchHistory } = options;
  return {
    listen: [listen ?? []].flat(),
    token,
    maxPayload,
    descriptors,
    watchHistory,
    // A URL does not travel as one.
    register: [register ?? []].flat().map(String),
  };
}

/** Where a manager listens. Throws where it does not. */
export function startedAt(report: Report): Extract<Report, { directory: string }> {
  if ('directory' in report) return report;
  throw report.invalid ? new InvalidArgumentError(report.error) : notStarted(report.error);
}

/** The error of a manager that did not start. */
export function notStarted(why: string): ManagerUnavailableError {
  return new ManagerUnavailableError(`the manager did not start: ${why}`);
}

/** Starts a manager process that ends with this program, however that ends. */
export async function startDaemon(options: StartOptions): Promise<Daemon> {
  refuseWhileLoading('Manager.start()');
  const owned = ownedOptions(options);
  // Flags of this program, as --inspect or a loader's, are not the manager's.
  const child = spawn(process.execPath, [fileURLToPath(daemonFile())], {
    env: withoutInspector(process.env),
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    serialization: 'advanced',
  });
  const exited = new Promise<string>((resolve) =>
    child.once('exit', (code, signal) => resolve(`process ${child.pid}, ended with ${signal ?? `code ${code}`}`)),
  );
  try {
    const { addresses, directory } = startedAt(await started(child, owned));
    // It removes its directory by itself, unless it was killed.
    void exited.then(() => clear(directory));
    child.unref();
    child.channel?.unref();
    return { addresses, pid: child.pid, explain: (reason) => explained(reason, exited), stop: (graceMs) => stop(child, exited, graceMs) };
  } catch (error) {
    signalChild(child, 'SIGKILL');
    throw error;
  }
}

/** Removes the directory of a manager's socket. */
export function clear(directory: string): void {
  rmSync(directory, { recursive: true, force: true });
}

function started(child: ChildProcess, options: object): Promise<Report> {
  return new Promise((resolve, reject) => {
    // Listened to also later: an error of a signal or of the channel is no reason to end this program.
    child.on('error', (error) => reject(notStarted(error.message)));
    // Behind the last message, which 'exit' may overtake.
    child.once('close', (code, signal) => reject(notStarted(`its process ended with ${signal ?? `code ${code}`}`)));
    // Heard also later: what code of users in it sends is not to pile up.
    hear(child, resolve);
    // One that could not be started has no channel; its 'error' says why.
    if (child.pid !== undefined) child.send(marked(options));
  });
}

/** Adds how a manager of this program ended, which becomes known a moment after the end of its connections. */
export async function explained(reason: ManagerUnavailableError, exited: Promise<string>): Promise<ManagerUnavailableError> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), END_MS)));
  const end = await Promise.race([exited, late]);
  clearTimeout(timer);
  if (end === undefined) return reason;
  return new ManagerUnavailableError(`the manager that this program started, ${end}`, { cause: reason });
}

async function stop(child: ChildProcess, exited: Promise<unknown>, graceMs: number): Promise<void> {
  child.ref();
  signalChild(child, 'SIGTERM');
  const timer = setTimeout(() => signalChild(child, 'SIGKILL'), graceMs);
  await exited;
  clearTimeout(timer);
}
