import { USUAL_LIMITS } from '../engine/core/limits.js';
import { InvalidArgumentError } from '../proto/errors.js';
import { userSocket, type Address } from '../proto/address.js';
import { readToken } from '../proto/token-file.js';
import { parseListen } from './address.js';

/** Options of a manager server. */
export interface ServerOptions {
  /**
   * Addresses to listen on: `unix:PATH`, or `HOST:PORT` with a loopback host. Port 0 takes a free port. Default: `127.0.0.1:7420` and the
   * user's own socket, where clients look first.
   */
  listen?: string | readonly string[] | undefined;
  /** Secret that every call must carry as `authorization: Bearer TOKEN`. Default: none. */
  token?: string | undefined;
  /** File with the token. Other users must not have access to it. */
  tokenFile?: string | undefined;
  /** Maximum size of a message in bytes, in both directions. Default: 64 MiB. */
  maxPayload?: number | undefined;
  /** Maximum number of waiting calls of a session. Default: 100,000. */
  maxCalls?: number | undefined;
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
}

/** Options with all defaults filled in. */
export interface ResolvedOptions {
  readonly listen: readonly Address[];
  readonly token: string | undefined;
  readonly maxPayload: number;
  readonly maxCalls: number;
  readonly register: readonly (string | URL)[];
  readonly descriptors: readonly string[];
  readonly watchHistory: number;
}

const MIB = 1024 * 1024;

/** Fills in the defaults. Throws InvalidArgumentError for an invalid option. */
export function resolveOptions(options: ServerOptions): ResolvedOptions {
  const listen = [options.listen ?? ['127.0.0.1:7420', userSocket()]].flat().map(parseListen);
  return {
    listen,
    token: options.token ?? (options.tokenFile === undefined ? undefined : readToken(options.tokenFile)),
    maxPayload: positive('maxPayload', options.maxPayload ?? 64 * MIB, 1024 * MIB),
    maxCalls: positive('maxCalls', options.maxCalls ?? 100_000, 2 ** 32 - 1),
    register: [options.register ?? []].flat(),
    descriptors: [options.descriptors ?? []].flat(),
    watchHistory: positive('watchHistory', options.watchHistory ?? USUAL_LIMITS.watchHistory, 2 ** 32 - 1),
  };
}

function positive(name: string, value: number, most: number): number {
  if (Number.isInteger(value) && value > 0 && value <= most) return value;
  throw new InvalidArgumentError(`${name} is ${value}: give a whole number from 1 to ${most}`);
}
