import { ManagerError } from '../proto/errors.js';

/** A captured stack, which V8 formats only when it is read. */
export interface Site {
  readonly stack?: string;
}

/** Captures the call site of a method. @param asks the function at and above which frames are left out */
export function siteOf(asks: () => unknown = siteOf): Site {
  const site: Site = {};
  Error.captureStackTrace(site, asks);
  return site;
}

/** Maximum number of captured sites per turn of the event loop: 2 to 3 µs each would double the cost of a large batch. */
const NOTED_CALLS = 32;

/** Captures call sites, of the first calls in each turn of the event loop. */
export class CallSites {
  #left = NOTED_CALLS;

  /** @param enabled false to capture none */
  constructor(readonly enabled: boolean) {}

  /** Returns the call site of the calling method; undefined if it is not captured. */
  readonly note = (): Site | undefined => {
    if (!this.enabled || this.#left === 0) return undefined;
    if (this.#left-- === NOTED_CALLS) process.nextTick(this.#renew);
    return siteOf(this.note);
  };

  readonly #renew = (): void => void (this.#left = NOTED_CALLS);
}

/** Sets the stack of an error to a captured site. */
export function placed<E extends Error>(error: E, site: Site): E {
  // The first line is the message, the second the frame of the method itself.
  const lines = site.stack?.split('\n').slice(2) ?? [];
  const value = [`${error.name}: ${error.message}`, ...lines].join('\n');
  Object.defineProperty(error, 'stack', { value, enumerable: false, configurable: true, writable: true });
  return error;
}

/**
 * Gives one of our errors the stack of the async function that passes it on, with the functions that await it. The stack where the error
 * was made, such as a socket handler, has none of them.
 * @param above the function at and above which frames are left out
 */
export function passedOn(error: unknown, above: (...args: never[]) => unknown = passedOn): unknown {
  if (error instanceof ManagerError && error.code !== 'INTERNAL') Error.captureStackTrace(error, above);
  return error;
}

/** Copies an error that ends several calls, so that each call has a stack of its own. */
export function copyOf<E extends ManagerError>(error: E): E {
  const type = error.constructor as new (message: string, info: object) => E;
  return new type(error.message, Object.assign({}, error, { cause: error.cause }));
}

/**
 * Rejects with an error whose stack has the functions that await the promise. V8 finds them through the promises, at no cost for successful
 * calls.
 */
export async function rejected(error: ManagerError): Promise<never> {
  // The promise of the call adopts this one a microtask later; only then does V8 find the awaiting functions.
  await Promise.resolve();
  await Promise.resolve();
  throw passedOn(error);
}
