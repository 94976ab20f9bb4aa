import { spawn, type ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { InvalidArgumentError, ManagerUnavailableError } from '../../proto/errors.js';
import { refuseWhileLoading } from '../../proto/loading.js';
import { marked } from '../../proto/marked.js';
import type { Report } from '../../proto/report.js';
import { hear, signalChild, withoutInspector } from './child.js';
import { checkOptions, type OptionNames } from '../../proto/known-options.js';
import type { ConnectOptions } from './options.js';
import { daemonFile } from '../paths.js';

/** Options of {@link Manager.start}. */
export interface StartOptions extends Omit<ConnectOptions, 'token' | 'tls' | 'reconnect'> {
  /** Further addresses to listen on, such as `127.0.0.1:0`. Default: a unix socket of its own, accessible to this user only. */
  listen?: string | readonly string[] | undefined;
  /** Token that clients must send. Default: none. */
  token?: string | undefined;
  /**
   * File with tokens that have names and rights, in JSON (docs/security.md), for other programs. This one connects with `token`, which has all
   * rights. Default: none.
   */
  tokens?: string | undefined;
  /** File with the certificate of the manager, in PEM: the TCP ports in `listen` then speak TLS. Default: none. */
  tlsCert?: string | undefined;
  /** File with the key of `tlsCert`, in PEM. */
  tlsKey?: string | undefined;
  /** File with certificates of authorities, in PEM: clients on TCP need a certificate of one of them. Default: none. */
  tlsClientCa?: string | undefined;
  /** Largest message sent or received, in bytes. Default: 64 MiB. */
  maxPayload?: number | undefined;
  /** Maximum number of waiting calls of a session. Default: 100,000. */
  maxCalls?: number | undefined;
  /**
   * Maximum memory of all objects and waiting calls in bytes, as the manager counts it: contents, and an estimate of everything beside
   * them. Above it, calls that store something fail with OutOfMemoryError; reads and deletes go on. Default: 60 % of the limit of the
   * JavaScript heap.
   */
  maxMemory?: number | undefined;
  /** Maximum number of objects. Default: 1,000,000. */
  maxObjects?: number | undefined;
  /** Maximum number of calls that wait, of all clients together. Default: 1,000,000. */
  maxWaiting?: number | undefined;
  /** Maximum number of sessions. Default: 10,000. */
  maxSessions?: number | undefined;
  /** Maximum number of connections. Default: 20,000. */
  maxConnections?: number | undefined;
  /**
   * Maximum of the bytes that are on their way: requests that are not read to their end, and answers that clients have not read. Above it,
   * the clients with most bytes, unread for longest, are cut off, and their sessions end. Default: 1 GiB.
   */
  maxInFlight?: number | undefined;
  /**
   * Modules of registered types, whose classes {@link Manager.object} instantiates: URLs, or paths relative to the working directory. The
   * manager loads them. Default: none.
   */
  register?: string | URL | readonly (string | URL)[] | undefined;
  /**
   * Descriptor files of your protobuf messages, each a FileDescriptorSet with all its imports: grpcurl and similar tools then show and
   * accept such messages as JSON. Default: none.
   */
  descriptors?: string | readonly string[] | undefined;
  /** Number of changes of each dict or list kept for its watchers. Default: 10,000. */
  watchHistory?: number | undefined;
  /**
   * Directory in which the manager keeps its state: the next manager that is started with it goes on from there. One manager at a time can have
   * it. It is made if it is not there. Default: none, so that the state ends with the manager.
   */
  dataDir?: string | undefined;
  /**
   * When a call is answered that changes something: `'sync'`: once the change is on the disk; `'async'`: at once, and the change is on the disk a tenth
   * of a second later at the latest; `'none'`: at once, and the system writes it when it sees fit. Only with `dataDir`. Default: `'sync'`.
   */
  durability?: 'sync' | 'async' | 'none' | undefined;
  /** Growth of the log between two snapshots, in bytes. Only with `dataDir`. Default: 64 MiB. */
  snapshotAfter?: number | undefined;
  /**
   * Lines on standard error about the manager: its sessions, refusals, limits, its log and slow calls. Default: errors alone; with `logFormat`,
   * `'warn'` for text and `'info'` for JSON.
   */
  logLevel?: 'silent' | 'fatal' | 'error' | 'warn' | 'info' | 'debug' | undefined;
  /** `'text'` for people, or `'json'`: an object in each line, with `time`, `level`, `msg` and details. Default: `'text'`. */
  logFormat?: 'text' | 'json' | undefined;
  /** Milliseconds from which a call is slow: it is logged, and listed by {@link Manager.slowCalls}. Default: 100. */
  slowCall?: number | undefined;
  /** Base of the URLs of a collector of OpenTelemetry, to which the manager sends its spans: see `otlp` of `startServer`. Default: none. */
  otlp?: string | undefined;
}

const START_OPTIONS = {
  label: true,
  callTimeout: true,
  owner: true,
  lease: true,
  callSites: true,
  telemetry: true,
  listen: true,
  token: true,
  tokens: true,
  tlsCert: true,
  tlsKey: true,
  tlsClientCa: true,
  maxPayload: true,
  maxCalls: true,
  maxMemory: true,
  maxObjects: true,
  maxWaiting: true,
  maxSessions: true,
  maxConnections: true,
  maxInFlight: true,
  register: true,
  descriptors: true,
  watchHistory: true,
  dataDir: true,
  durability: true,
  snapshotAfter: true,
  logLevel: true,
  logFormat: true,
  slowCall: true,
  otlp: true,
} satisfies OptionNames<StartOptions>;

/** A manager that this program started. */
export interface Daemon {
  readonly addresses: readonly string[];
  /** Process id; undefined for a thread. */
  readonly pid: number | undefined;
  /** Adds to the error of a connection how the manager ended, if it did. */
  readonly explain: (reason: ManagerUnavailableError) => Promise<ManagerUnavailableError>;
  /** Ends it in order, or kills it after `graceMs` milliseconds; resolves once it has ended. */
  stop(graceMs: number): Promise<void>;
}

/** Milliseconds that an error of a connection waits for the exit of the process behind it. */
const END_MS = 1_000;
/** Milliseconds that an ending manager has before it is killed. */
export const GRACE_MS = 4_000;

/** Checks the options, and returns the part that is sent to the manager. */
export function ownedOptions(options: StartOptions) {
  checkOptions(options, START_OPTIONS);
  if (options.tokens !== undefined && options.token === undefined)
    throw new InvalidArgumentError('tokens are given without a token: give one, with which this program connects');
  const { listen, register, label: _l, callTimeout: _t, owner: _o, lease: _e, callSites: _s, telemetry: _m, ...owned } = options;
  return {
    ...owned,
    listen: [listen ?? []].flat(),
    // A URL cannot be sent as one.
    register: [register ?? []].flat().map(String),
  };
}

/** Returns the report of a started manager. Throws if the manager did not start. */
export function startedAt(report: Report): Extract<Report, { directory: string }> {
  if ('directory' in report) return report;
  throw report.invalid ? new InvalidArgumentError(report.error) : notStarted(report.error);
}

export function notStarted(why: string): ManagerUnavailableError {
  return new ManagerUnavailableError(`the manager did not start: ${why}`);
}

/** Starts a manager process that ends with this program, including when it crashes or is killed. */
export async function startDaemon(options: StartOptions): Promise<Daemon> {
  refuseWhileLoading('Manager.start()');
  const owned = ownedOptions(options);
  // Flags of this program, such as --inspect or a loader's, do not apply to the manager.
  const child = spawn(process.execPath, [fileURLToPath(daemonFile())], {
    env: environmentFor(owned),
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    serialization: 'advanced',
  });
  const exited = new Promise<string>((resolve) =>
    child.once('exit', (code, signal) => resolve(`process ${child.pid}, ended with ${signal ?? `code ${code}`}`)),
  );
  try {
    const { addresses, directory } = startedAt(await started(child, owned));
    // The manager removes its directory itself, unless it was killed.
    void exited.then(() => clear(directory));
    child.unref();
    child.channel?.unref();
    return { addresses, pid: child.pid, explain: (reason) => explained(reason, exited), stop: (graceMs) => stop(child, exited, graceMs) };
  } catch (error) {
    signalChild(child, 'SIGKILL');
    throw error;
  }
}

/**
 * Returns the environment of a manager process. Node reads extra certificates whenever it starts, which takes longer than the rest of its start:
 * the manager gets them only if it loads users' code, which may need them.
 */
function environmentFor({ register }: ReturnType<typeof ownedOptions>): NodeJS.ProcessEnv {
  const env = withoutInspector(process.env);
  if (register.length === 0) delete env['NODE_EXTRA_CA_CERTS'];
  return env;
}

/** Removes the directory of a manager's socket. */
export function clear(directory: string): void {
  rmSync(directory, { recursive: true, force: true });
}

function started(child: ChildProcess, options: object): Promise<Report> {
  return new Promise((resolve, reject) => {
    // Stays attached: an unhandled 'error' event, of a signal or of the channel, would end this program.
    child.on('error', (error) => reject(notStarted(error.message)));
    // 'close' follows the last message, which 'exit' may overtake.
    child.once('close', (code, signal) => reject(notStarted(`its process ended with ${signal ?? `code ${code}`}`)));
    // Stays attached, so that messages of users' code in the child do not pile up.
    hear(child, resolve);
    // A child that failed to start has no channel; its 'error' event gives the reason.
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
