import { getHeapStatistics } from 'node:v8';
import { USUAL_LIMITS } from '../engine/core/limits.js';
import { InvalidArgumentError } from '../proto/errors.js';
import { checkOptions, type OptionNames } from '../proto/known-options.js';
import { parseAddress, userSocket, type Address } from '../proto/address.js';
import { isNumber, quoted } from '../proto/given.js';
import { ERRORS_ONLY, LOG_FORMATS, LOG_LEVELS, type LogFormat, type Logger, type LogLevel } from './observation/logger.js';
import type { ServerTracer } from './observation/tracer.js';
import { assertGuarded, isLoopback } from './access/exposure.js';
import type { Durability, LogOptions } from './log/options.js';
import type { TlsFiles } from './access/tls.js';
import { Tokens } from './access/tokens.js';

/** Options of a manager server. */
export interface ServerOptions {
  /**
   * Addresses to listen on: `unix:PATH` or `HOST:PORT`. A host that is not loopback needs TLS, and a token or `tlsClientCa`. Port 0 takes a free
   * port. Default: `127.0.0.1:7420` and the user's own socket, where clients look first.
   */
  listen?: string | readonly string[] | undefined;
  /** Secret that every call must carry as `authorization: Bearer TOKEN`. It has all rights. Default: none. */
  token?: string | undefined;
  /** File with the token. Other users must not have access to it. */
  tokenFile?: string | undefined;
  /**
   * File with tokens that have names and rights, in JSON (docs/security.md). Other users must not have access to it. A client needs one of them,
   * or the token without a name, which has all rights. Default: none.
   */
  tokens?: string | undefined;
  /** File with the certificate of the manager, in PEM: all TCP ports then speak TLS, 1.2 or later. Default: none, so that they are plain. */
  tlsCert?: string | undefined;
  /** File with the key of `tlsCert`, in PEM. */
  tlsKey?: string | undefined;
  /** File with certificates of authorities, in PEM: a client over TLS needs a certificate of one of them. Default: clients need none. */
  tlsClientCa?: string | undefined;
  /** Maximum size of a message in bytes, in both directions. Default: 64 MiB. */
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
   * Maximum of the bytes that are on their way: requests that are not read to their end, calls that wait for their client to read, and
   * answers that clients have not read. Above it, the clients with most bytes, unread for longest, are cut off, and their sessions end. Default:
   * 1 GiB.
   */
  maxInFlight?: number | undefined;
  /** Modules of registered types: URLs, or paths relative to the working directory. Default: none. */
  register?: string | URL | readonly (string | URL)[] | undefined;
  /**
   * Files that describe protobuf messages of users, each a FileDescriptorSet with all its imports (`buf build --as-file-descriptor-set -o
   * FILE`, `protoc --include_imports --descriptor_set_out=FILE`). Reflection serves them, so that grpcurl shows and accepts such messages
   * as JSON. Default: none.
   */
  descriptors?: string | readonly string[] | undefined;
  /** Number of changes of a dict or list that are kept for its watchers. Default: 10,000. */
  watchHistory?: number | undefined;
  /**
   * Directory in which the manager keeps its state: started again, it goes on from there, with all objects, sessions and waiting calls.
   * One manager at a time can have it. It is made if it is not there. Default: none, so that the state ends with the manager.
   */
  dataDir?: string | undefined;
  /**
   * When a client hears of a change: `sync`: once it is on the disk; `async`: at once, and it is on the disk a tenth of a second later at the
   * latest; `none`: at once, and it is on the disk when the system writes it there. Default: `sync`.
   */
  durability?: Durability | undefined;
  /** Size in bytes by which the log grows between two snapshots. Default: 64 MiB. */
  snapshotAfter?: number | undefined;
  /**
   * Address on which the console, metrics and health are served over HTTP, on loopback: `HOST:PORT`, or `unix:PATH` at which nothing is. The
   * console and metrics need a token of the manager, if it has one. Default: none.
   */
  http?: string | undefined;
  /**
   * Lines on standard error about sessions, refusals, limits, the log of changes and slow calls: `fatal`, `error`, `warn`, `info`, `debug`, or
   * `silent` for none. Default: errors alone; with `logFormat`, `warn` for text and `info` for JSON.
   */
  logLevel?: LogLevel | undefined;
  /** `text` for people, or `json`: an object in each line, with `time`, `level`, `msg` and details. Default: `text`. */
  logFormat?: LogFormat | undefined;
  /** Milliseconds from which a call is slow: it is logged, and one of the last 128 that clients can list. Default: 100. */
  slowCall?: number | undefined;
  /**
   * Base of the URLs of a collector of OpenTelemetry, such as `http://127.0.0.1:4318`: spans of calls that are parts of recorded traces are sent to
   * its `/v1/traces`. Needs the packages `@opentelemetry/api`, `@opentelemetry/sdk-trace`, `@opentelemetry/resources` and
   * `@opentelemetry/exporter-trace-otlp-http`. Default: none.
   */
  otlp?: string | undefined;
}

/** Options of a server and of its place in a program. */
export interface PlacedOptions extends ServerOptions {
  /** True if the addresses end with the program that started it. */
  readonly owned?: boolean;
  /** The log of its events. Default: the one that `logLevel` and `logFormat` ask for. */
  readonly logger?: Logger | undefined;
}

const SERVER_OPTIONS = {
  listen: true,
  token: true,
  tokenFile: true,
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
  http: true,
  logLevel: true,
  logFormat: true,
  slowCall: true,
  otlp: true,
  owned: true,
  logger: true,
} satisfies OptionNames<PlacedOptions>;

/** Options with all defaults filled in. */
export interface ResolvedOptions {
  readonly listen: readonly Address[];
  /** The tokens that were there at the start. */
  readonly tokens: Tokens;
  /** Undefined if TCP ports are plain. */
  readonly tls: TlsFiles | undefined;
  readonly maxPayload: number;
  readonly maxCalls: number;
  readonly maxMemory: number;
  readonly maxObjects: number;
  readonly maxWaiting: number;
  readonly maxSessions: number;
  readonly maxConnections: number;
  readonly maxInFlight: number;
  readonly register: readonly (string | URL)[];
  readonly descriptors: readonly string[];
  readonly watchHistory: number;
  /** Undefined if the manager keeps nothing. */
  readonly log: LogOptions | undefined;
  readonly http: Address | undefined;
  readonly logger: Logger;
  readonly slowCall: number;
  readonly tracer: ServerTracer | undefined;
}

const MIB = 1024 * 1024;
/** The largest message with which the record of its turn fits into a log, in bytes. */
const LARGEST_KEPT = 1000 * MIB;

/** Fills in the defaults of options that {@link assertLogOptions} has checked. Throws InvalidArgumentError for an invalid one. */
export function resolveOptions(options: PlacedOptions, logger: Logger = ERRORS_ONLY, tracer?: ServerTracer): ResolvedOptions {
  const listen = [options.listen ?? ['127.0.0.1:7420', userSocket()]].flat().map(parseAddress);
  const tls = tlsFiles(options, listen);
  assertGuarded(listen, options);
  return {
    listen,
    tokens: new Tokens(options),
    tls,
    maxPayload: positive('maxPayload', options.maxPayload ?? 64 * MIB, 1024 * MIB),
    maxCalls: positive('maxCalls', options.maxCalls ?? 100_000, 2 ** 32 - 1),
    maxMemory: positive('maxMemory', options.maxMemory ?? usualMemory(), Number.MAX_SAFE_INTEGER),
    maxObjects: positive('maxObjects', options.maxObjects ?? 1_000_000, Number.MAX_SAFE_INTEGER),
    maxWaiting: positive('maxWaiting', options.maxWaiting ?? 1_000_000, Number.MAX_SAFE_INTEGER),
    maxSessions: positive('maxSessions', options.maxSessions ?? 10_000, Number.MAX_SAFE_INTEGER),
    maxConnections: positive('maxConnections', options.maxConnections ?? 20_000, Number.MAX_SAFE_INTEGER),
    maxInFlight: positive('maxInFlight', options.maxInFlight ?? 1024 * MIB, Number.MAX_SAFE_INTEGER),
    register: [options.register ?? []].flat(),
    descriptors: [options.descriptors ?? []].flat(),
    watchHistory: positive('watchHistory', options.watchHistory ?? USUAL_LIMITS.watchHistory, 2 ** 32 - 1),
    log: logOptions(options),
    http: httpAddress(options.http),
    logger,
    tracer,
    slowCall: milliseconds('slowCall', options.slowCall ?? 100),
  };
}

/** Checks what is needed before the log is opened. @throws InvalidArgumentError for an unknown option, and for a level or a form that is none */
export function assertLogOptions(options: ServerOptions): void {
  checkOptions(options, SERVER_OPTIONS);
  const { logLevel, logFormat } = options;
  assertOneOf('logLevel', logLevel, LOG_LEVELS);
  assertOneOf('logFormat', logFormat, LOG_FORMATS);
}

function httpAddress(http: string | undefined): Address | undefined {
  if (http === undefined) return undefined;
  const address = parseAddress(http);
  if ('path' in address || isLoopback(address.host)) return address;
  throw new InvalidArgumentError(
    `other hosts can reach ${http}, and HTTP is plain: give --http 127.0.0.1:${address.port}, behind a proxy with TLS if need be`,
  );
}

function tlsFiles({ tlsCert, tlsKey, tlsClientCa }: PlacedOptions, listen: readonly Address[]): TlsFiles | undefined {
  if (tlsCert === undefined || tlsKey === undefined) {
    if (tlsCert === undefined && tlsKey === undefined && tlsClientCa === undefined) return undefined;
    throw new InvalidArgumentError('TLS needs both a certificate (--tls-cert FILE) and its key (--tls-key FILE)');
  }
  if (!listen.some((address) => 'port' in address)) {
    throw new InvalidArgumentError('TLS is for TCP ports, and the manager listens on unix sockets only: add --listen HOST:PORT');
  }
  return { cert: tlsCert, key: tlsKey, clientCa: tlsClientCa };
}

function logOptions({ dataDir, durability, snapshotAfter, maxPayload, owned = false }: PlacedOptions): LogOptions | undefined {
  if (dataDir === undefined) {
    const given = durability !== undefined ? 'durability' : snapshotAfter !== undefined ? 'snapshotAfter' : undefined;
    if (given === undefined) return undefined;
    throw new InvalidArgumentError(`${given} is given without dataDir: a manager without a directory keeps nothing`);
  }
  if (dataDir === '') throw new InvalidArgumentError('dataDir is empty: give the path of a directory');
  assertOneOf<Durability>('durability', durability, ['sync', 'async', 'none']);
  if (maxPayload !== undefined && maxPayload > LARGEST_KEPT)
    throw new InvalidArgumentError(`maxPayload is ${maxPayload}: with dataDir, give at most ${LARGEST_KEPT}`);
  return {
    dataDir,
    durability: durability ?? 'sync',
    snapshotAfter: positive('snapshotAfter', snapshotAfter ?? 64 * MIB, Number.MAX_SAFE_INTEGER),
    returns: !owned,
  };
}

/** The heap also has garbage, and everything that no limit counts. */
function usualMemory(): number {
  return Math.floor(getHeapStatistics().heap_size_limit * 0.6);
}

function assertOneOf<T>(name: string, value: T | undefined, known: readonly T[]): void {
  if (value !== undefined && !known.includes(value))
    throw new InvalidArgumentError(`${name} is ${quoted(value)}: give ${known.join(', ')}`);
}

function milliseconds(name: string, value: number): number {
  if (isNumber(value, 0)) return value;
  throw new InvalidArgumentError(`${name} is ${quoted(value)}: give milliseconds, 0 or more`);
}

function positive(name: string, value: number, most: number): number {
  if (Number.isInteger(value) && value > 0 && value <= most) return value;
  throw new InvalidArgumentError(`${name} is ${quoted(value)}: give a whole number from 1 to ${most}`);
}
