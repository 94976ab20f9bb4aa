import { Store, type SessionData } from 'express-session';
import { thawDeep } from '../../proto/codec/freeze.js';
import { checkOptions, type OptionNames } from '../../proto/known-options.js';
import type { SharedDict } from '../objects/dict.js';

/** Options of a session store. */
export interface SessionStoreOptions {
  /** Milliseconds that a session lasts after its last request if its cookie has no end. Default: a day. */
  ttl?: number | undefined;
}

const OPTIONS = { ttl: true } satisfies OptionNames<SessionStoreOptions>;

type SessionCallback<T> = (error: unknown, result?: T) => void;

/**
 * Store of express-session in a dict of the manager: `session({ store: new SessionStore(manager.dict('sessions')), … })`. A session is a
 * key of the dict, and ends with its cookie. Its value is the data of the session, as JSON would have it, but no text. Each method is one
 * round trip, except `all`. An error of a call without a callback is an unhandled rejection.
 */
export class SessionStore extends Store {
  readonly #dict: SharedDict<string, SessionData>;
  readonly #ttl: number;

  /** @throws InvalidArgumentError for an option that it does not know */
  constructor(dict: SharedDict<string, SessionData>, options: SessionStoreOptions = {}) {
    super();
    checkOptions(options, OPTIONS);
    this.#dict = dict;
    this.#ttl = options.ttl ?? 86_400_000;
  }

  override get(id: string, callback?: SessionCallback<SessionData | undefined>): void {
    answer(this.#dict.get(id).then(thawDeep) as Promise<SessionData | undefined>, callback);
  }

  override set(id: string, session: SessionData, callback?: SessionCallback<void>): void {
    const ttl = this.#left(session);
    // As every store, it takes what JSON makes of the session's objects: ids of databases, for instance, are texts.
    const data = JSON.parse(JSON.stringify(session)) as SessionData;
    answer(ttl > 0 ? this.#dict.set(id, data, { ttl }) : this.#delete(id), callback);
  }

  override touch(id: string, session: SessionData, callback?: SessionCallback<void>): void {
    const ttl = this.#left(session);
    answer(ttl > 0 ? this.#dict.touch(id, ttl).then(() => {}) : this.#delete(id), callback);
  }

  override destroy(id: string, callback?: SessionCallback<void>): void {
    answer(this.#delete(id), callback);
  }

  override all(callback?: SessionCallback<Record<string, SessionData>>): void {
    answer(this.#all(), callback);
  }

  override length(callback?: SessionCallback<number>): void {
    answer(this.#dict.size(), callback);
  }

  override clear(callback?: SessionCallback<void>): void {
    answer(this.#dict.clear(), callback);
  }

  async #delete(id: string): Promise<void> {
    await this.#dict.delete(id);
  }

  async #all(): Promise<Record<string, SessionData>> {
    const sessions: [string, SessionData][] = [];
    for await (const [id, session] of this.#dict) sessions.push([id, thawDeep(session)]);
    return Object.fromEntries(sessions);
  }

  /** Returns the milliseconds that a session has left. */
  #left({ cookie }: SessionData): number {
    const { expires } = (cookie ?? {}) as { expires?: Date | string | null };
    return expires ? new Date(expires).getTime() - Date.now() : this.#ttl;
  }
}

/** Gives the result to the callback, outside of any promise, so that an error that it throws is not taken for one of the call. */
function answer<T>(result: Promise<T>, callback: SessionCallback<T> | undefined): void {
  if (callback === undefined) return;
  result.then(
    (value) => process.nextTick(callback, null, value),
    (error: unknown) => process.nextTick(callback, error),
  );
}
