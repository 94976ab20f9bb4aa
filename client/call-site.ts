import { ManagerError } from '../proto/errors.js';

/** A place in the program: a stack, which V8 puts into words only where someone reads it. */
export interface Site {
  readonly stack?: string;
}

/** Notes where the method was called that asks. @param asks the function that is called to ask */
export function siteOf(asks: () => unknown = siteOf): Site {
  const site: Site = {};
  Error.captureStackTrace(site, asks);
  return site;
}

/** How many calls of one turn of the event loop are noted: 2 to 3 µs each would double the cost of a large batch. */
const NOTED_CALLS = 32;

/** Notes where calls are made, the first ones of each turn of the event loop. */
export class CallSites {
  #left = NOTED_CALLS;

  /** @param enabled whether anything is noted at all */
  constructor(readonly enabled: boolean) {}

  /** Where the method was called that asks; undefined where that is not noted. */
  readonly note = (): Site | undefined => {
    if (!this.enabled || this.#left === 0) return undefined;
    if (this.#left-- === NOTED_CALLS) process.nextTick(this.#renew);
    return siteOf(this.note);
  };

  readonly #renew = (): void => void (this.#left = NOTED_CALLS);
}

/** Gives an error the stack of a place. */
export function placed<E extends Error>(error: E, site: Site): E {
  // Behind the line for the message comes that of the method itself.
  const lines = site.stack?.split('\n').slice(2) ?? [];
  const value = [`${error.name}: ${error.message}`, ...lines].join('\n');
  Object.defineProperty(error, 'stack', { value, enumerable: false, configurable: true, writable: true });
  return error;
}

/**
 * Gives an error of ours the stack of the async function that passes it on, with the functions that await that one.
 * Where the error was made, as in the handler of a socket, no stack has them.
 */
export function passedOn(error: unknown): unknown {
  if (error instanceof ManagerError && error.code !== 'INTERNAL') Error.captureStackTrace(error, passedOn);
  return error;
}

/** A copy of an error that ends several calls, for one of them: each has a stack of its own. */
export function copyOf<E extends ManagerError>(error: E): E {
  const type = error.constructor as new (message: string, info: object) => E;
  return new type(error.message, Object.assign({}, error, { cause: error.cause }));
}

/**
 * Rejects with an error whose stack has the functions that await it: V8 finds them by the promises, which costs
 * the calls that succeed nothing.
 */
export async function rejected(error: ManagerError): Promise<never> {
  // The promise of the call follows this one after a turn of the microtasks.
  await Promise.resolve();
  await Promise.resolve();
  throw passedOn(error);
}
