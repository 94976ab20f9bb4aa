import { createHash, timingSafeEqual } from 'node:crypto';
import type { TokenRights } from '../../engine/core/rights.js';
import { UnauthenticatedError } from '../../proto/errors.js';
import { readToken } from '../../proto/token-file.js';
import { readTokens, type NamedToken } from './tokens-file.js';

/** A client's proof that it may use the manager. */
export interface Access {
  /** Name of its token. Undefined for the token without a name, and if no token is needed. */
  readonly token: string | undefined;
  /** Undefined for a session that went on after a restart and whose client has not come back. */
  readonly digest?: Buffer | undefined;
}

/** Returns the access of a call with this `authorization` header, or the error that refuses it. */
export type Admit = (authorization: string | undefined) => Access | UnauthenticatedError;

/** The options of a server that give it tokens. */
export interface TokenOptions {
  readonly token?: string | undefined;
  readonly tokenFile?: string | undefined;
  readonly tokens?: string | undefined;
}

const SCHEME = 'Bearer ';

/** The tokens of a manager: one without a name, which has all rights, and others with names. Compared as hashes. */
export class Tokens {
  readonly #options: TokenOptions;
  readonly #unnamed: Buffer | undefined;
  readonly #named: readonly NamedToken[];

  /** @throws InvalidArgumentError if a file cannot be used that the options name */
  constructor(options: TokenOptions) {
    const { tokenFile, tokens, token = tokenFile === undefined ? undefined : readToken(tokenFile) } = options;
    this.#options = options;
    this.#unnamed = token === undefined ? undefined : digestOf(token);
    this.#named = tokens === undefined ? [] : readTokens(tokens);
  }

  /** Reads the files again. @throws InvalidArgumentError if one cannot be used */
  readAgain(): Tokens {
    return new Tokens(this.#options);
  }

  /** The rights of the tokens that have a name. */
  get rights(): TokenRights[] {
    return this.#named.map(({ name, grants }) => ({ name, grants }));
  }

  /** True if every client is admitted. */
  get #open(): boolean {
    return this.#unnamed === undefined && this.#options.tokens === undefined;
  }

  /** Returns the access of a call with this `authorization` header, or the error that refuses it. Compares with each token, in constant time. */
  admit(authorization: string | undefined): Access | UnauthenticatedError {
    if (this.#open) return { token: undefined };
    let access: Access | undefined;
    if (authorization?.startsWith(SCHEME) === true) {
      const digest = digestOf(authorization.slice(SCHEME.length));
      if (this.#unnamed !== undefined && timingSafeEqual(digest, this.#unnamed)) access = { token: undefined, digest };
      for (const { name, digest: wanted } of this.#named) if (timingSafeEqual(digest, wanted)) access = { token: name, digest };
    }
    return access ?? new UnauthenticatedError('a valid token is needed: send the header "authorization: Bearer TOKEN"');
  }

  /** Returns true if an access that was given before is valid still. */
  includes({ token, digest }: Access): boolean {
    if (token === undefined) return this.#open || (this.#unnamed !== undefined && digest?.equals(this.#unnamed) !== false);
    return this.#named.some((known) => known.name === token && digest?.equals(known.digest) !== false);
  }
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
