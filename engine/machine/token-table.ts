import type { CallerRights } from '../../proto/contract.js';
import type { Stateful, StateOf } from '../../proto/state.js';
import { LimitedRights, type TokenRights } from '../core/rights.js';

/** The tokens that have a name, and their rights. They change when the manager reads its file of tokens again. */
export class TokenTable implements Stateful {
  #tokens: readonly TokenRights[] = [];
  /** By the name of the token; undefined for all rights. */
  #rights = new Map<string, CallerRights | undefined>();

  state() {
    return this.#tokens.map(({ name, grants }) => ({ name, grants: grants.map(({ objects, verbs }) => ({ objects, verbs })) }));
  }

  restore(state: StateOf<TokenTable>): void {
    this.become(state);
  }

  /** Returns true if the tokens have these rights already. */
  matches(tokens: readonly TokenRights[]): boolean {
    return JSON.stringify(tokens) === JSON.stringify(this.#tokens);
  }

  /** Replaces the tokens. */
  become(tokens: readonly TokenRights[]): void {
    this.#tokens = tokens;
    this.#rights = new Map(tokens.map((token) => [token.name, LimitedRights.of(token)]));
  }

  /** Returns the rights of a token; undefined for all. A token that is not there has none, and one without a name all. */
  rightsOf(name: string | undefined): CallerRights | undefined {
    if (name === undefined) return undefined;
    return this.#rights.has(name) ? this.#rights.get(name) : LimitedRights.of({ name, grants: [] });
  }
}
