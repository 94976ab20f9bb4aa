import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';
import { parseAddress, userSocket } from '../../proto/address.js';
import { InvalidArgumentError } from '../../proto/errors.js';
import { LONGEST_LABEL, LONGEST_LEASE_MS } from '../../proto/session-stream.js';
import { readToken } from '../../proto/token-file.js';
import { environmentTls, resolveTls, type TlsOptions } from './tls-options.js';
import type { Credentials } from './transport/credentials.js';
import { defaultLabel } from '../workers/current.js';
import { checkOptions, type OptionNames } from '../../proto/known-options.js';
import { isNumber, quoted } from '../../proto/given.js';
import { HeartbeatThread } from './heartbeat-thread.js';
import type { SessionOptions } from './transport/session.js';
import type { Telemetry } from './telemetry.js';
import { DEFAULT_LEASE, type LeaseOptions } from './transport/lease-clock.js';

/** Shortest lease of a session, in milliseconds: time enough to find a connection broken and to open another. */
const SHORTEST_LEASE_MS = 100;

/** Options of {@link Manager.connect}. */
export interface ConnectOptions {
  /** Token that the manager requires. Default: COMMONHOLD_TOKEN, or the content of COMMONHOLD_TOKEN_FILE, to which other users must not have access. */
  token?: string | undefined;
  /**
   * TLS for a manager on TCP: `{}` trusts the authorities that Node.js trusts. Default: the files COMMONHOLD_TLS_CA, COMMONHOLD_TLS_CERT and
   * COMMONHOLD_TLS_KEY, or else a plain connection. A unix socket always is plain.
   */
  tls?: TlsOptions | undefined;
  /**
   * Label of this client, which is shown with its holds: at most 256 characters. Default: the file name of the program's script, or of the
   * worker's module.
   */
  label?: string | undefined;
  /**
   * Milliseconds after which a call that does not wait for other clients fails with ManagerUnavailableError, connecting included; a call
   * that waits without a timeout of its own fails once the manager has not responded for as long. Default: 30,000.
   */
  callTimeout?: number | undefined;
  /**
   * Default owner of acquisitions: a new owner for each acquisition and each `run`, or the client as a whole, which is Python's rule for a
   * process. Default: `'acquisition'`.
   */
  owner?: 'acquisition' | 'session' | undefined;
  /**
   * Milliseconds for which the session lives without a connection, from 100 to an hour: a client that connects again within it goes on as
   * before, with all its holds, and no call is lost or made twice. A client whose process or thread has ended on the manager's host loses
   * its session at once. If the manager is on another host, a thread of its own proves that this process lives, so that a busy event loop
   * loses nothing. With `tiedTo: 'event-loop'` the session also ends when this thread's event loop stands still for as long, although its
   * connection is whole. Default: 10,000.
   */
  lease?: number | { readonly ms: number; readonly tiedTo?: 'event-loop' | undefined } | undefined;
  /** If true, a call after the loss of the session retries opening a new one for `callTimeout`; otherwise it tries once. Default: true. */
  reconnect?: boolean | undefined;
  /**
   * If true, the error of a call names the line that made it, even if nothing awaits the call. Otherwise the stack has the functions that
   * await the call, at no cost. Capturing a call site takes 2 to 3 µs, for the first 32 calls of each turn of the event loop. Default:
   * true, unless NODE_ENV is `production`.
   */
  callSites?: boolean | undefined;
  /**
   * If true, each call is a span and a measurement of OpenTelemetry, with the providers that the program has registered, and the manager's
   * span is its child. So is each task of a worker that this client starts, with the providers of the worker. Needs the package
   * `@opentelemetry/api`. Watches and other calls in the background are left out. A call takes 9 µs longer. Default: false.
   */
  telemetry?: boolean | undefined;
}

export const CONNECT_OPTIONS = {
  token: true,
  tls: true,
  label: true,
  callTimeout: true,
  owner: true,
  lease: true,
  reconnect: true,
  callSites: true,
  telemetry: true,
} satisfies OptionNames<ConnectOptions>;

/** Addresses and options of a connection, with all defaults. */
export interface ResolvedConnect {
  readonly addresses: readonly string[];
  readonly owner: 'acquisition' | 'session';
  readonly options: SessionOptions;
}

/** Has the threads that this one starts find the credentials of a manager by its address. */
export function passOn(address: string, credentials: Credentials): void {
  if (credentials.token !== undefined || credentials.tls !== undefined) setEnvironmentData(keyOf(address), { ...credentials });
}

/** Returns the credentials that the thread which started this one used for a manager. */
function inherited(address: string): Credentials {
  return (getEnvironmentData(keyOf(address)) ?? {}) as Credentials;
}

function keyOf(address: string): string {
  return `commonhold.credentials:${address}`;
}

/** Fills in the defaults. @throws InvalidArgumentError for an invalid option */
export function resolveConnect(address: string | readonly string[] | undefined, options: ConnectOptions): ResolvedConnect {
  const addresses = [address ?? (process.env['COMMONHOLD_ADDRESS'] || userSocket())].flat();
  if (addresses.length === 0) throw new InvalidArgumentError('no address: give one, or none for the default');
  addresses.forEach(parseAddress);
  const callTimeout = options.callTimeout ?? 30_000;
  if (!isNumber(callTimeout, Number.MIN_VALUE))
    throw new InvalidArgumentError(`callTimeout is ${quoted(callTimeout)}: give milliseconds, above 0`);
  const owner = options.owner ?? 'acquisition';
  if (owner !== 'acquisition' && owner !== 'session') {
    throw new InvalidArgumentError(`owner is ${quoted(owner)}: give 'acquisition' or 'session'`);
  }
  return {
    addresses,
    owner,
    options: {
      credentials: credentialsOf(options, inherited(addresses[0]!)),
      label: labelOf(options.label),
      callTimeout,
      lease: leaseOf(options.lease),
      startHeartbeats: (...session) => HeartbeatThread.ofThisThread.start(...session),
      reconnect: options.reconnect ?? true,
      callSites: options.callSites ?? process.env['NODE_ENV'] !== 'production',
    },
  };
}

function credentialsOf({ token, tls }: Pick<ConnectOptions, 'token' | 'tls'>, known: Credentials): Credentials {
  return {
    token: (token ?? known.token ?? environmentToken()) || undefined,
    tls: tls === undefined ? (known.tls ?? environmentTls()) : resolveTls(tls),
  };
}

/**
 * Returns the token for the manager of a reference; empty if none is known. The address in a reference is not trusted: the token of the
 * environment is sent to the manager of the environment alone.
 */
export function tokenFor(address: string): string {
  return inherited(address).token ?? (process.env['COMMONHOLD_ADDRESS'] === address ? environmentToken() : undefined) ?? '';
}

function environmentToken(): string | undefined {
  const { COMMONHOLD_TOKEN: token, COMMONHOLD_TOKEN_FILE: file } = process.env;
  return token || (file ? readToken(file) : undefined);
}

type LeaseForm = Exclude<ConnectOptions['lease'], number | undefined>;
const LEASE_FORM = { ms: true, tiedTo: true } satisfies OptionNames<LeaseForm>;

function leaseOf(lease: ConnectOptions['lease']): LeaseOptions {
  if (lease === undefined) return DEFAULT_LEASE;
  const given: LeaseForm = typeof lease === 'number' ? { ms: lease } : lease;
  checkOptions(given, LEASE_FORM);
  const { ms, tiedTo } = given;
  if (!isNumber(ms, SHORTEST_LEASE_MS, LONGEST_LEASE_MS)) {
    throw new InvalidArgumentError(`lease is ${quoted(ms)}: give ${SHORTEST_LEASE_MS} to ${LONGEST_LEASE_MS} milliseconds`);
  }
  if (tiedTo !== undefined && tiedTo !== 'event-loop') {
    throw new InvalidArgumentError(`tiedTo is ${quoted(tiedTo)}: give 'event-loop', or nothing`);
  }
  return { ms: Math.round(ms), tied: tiedTo !== undefined };
}

function labelOf(label: string | undefined): string {
  if (label === undefined) return defaultLabel();
  if (typeof label === 'string' && label.length <= LONGEST_LABEL) return label;
  throw new InvalidArgumentError(`label: give a string of at most ${LONGEST_LABEL} characters`);
}

/**
 * Loads what makes calls parts of traces; undefined if that is not asked for.
 * @throws InvalidArgumentError if the package is missing
 */
export async function tracerOf({ telemetry = false }: Pick<ConnectOptions, 'telemetry'>): Promise<Telemetry | undefined> {
  if (!telemetry) return undefined;
  const { Telemetry } = await import('./telemetry.js').catch((cause: unknown) => {
    throw new InvalidArgumentError('telemetry needs the package @opentelemetry/api: npm install @opentelemetry/api', { cause });
  });
  return new Telemetry();
}
