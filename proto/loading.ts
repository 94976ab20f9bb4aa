import { InvalidArgumentError } from './errors.js';

/** A module of the user that is being loaded, in order to run in a manager or worker. */
interface Loading {
  /** Describes the module and the process that loads it, for people. */
  readonly what: string;
  readonly remedy: string;
  refused: InvalidArgumentError | undefined;
}

const KEY = Symbol.for('commonhold.loading');
/** One per thread, not per module: a loader for TypeScript may give the user's module a second copy of this package. */
const holder = globalThis as { [KEY]?: Loading | undefined };

/**
 * Loads a module of the user. While it loads, it cannot start managers or workers: a module that is the main program as well would start
 * itself again in each process that loads it, endlessly.
 * @throws the error of `load`; InvalidArgumentError if the module tried to start something, whether or not it awaited the call
 */
export async function loadingModule<T>(what: string, remedy: string, load: () => Promise<T>): Promise<T> {
  const loading: Loading = { what, remedy, refused: undefined };
  holder[KEY] = loading;
  try {
    const loaded = await load();
    if (loading.refused !== undefined) throw loading.refused;
    return loaded;
  } finally {
    holder[KEY] = undefined;
  }
}

/**
 * Throws if a module is loading that a worker or a manager will run.
 * @param call name of the call that starts a manager or a worker
 * @throws InvalidArgumentError
 */
export function refuseWhileLoading(call: string): void {
  const loading = holder[KEY];
  if (loading === undefined) return;
  const { what, remedy } = loading;
  loading.refused ??= new InvalidArgumentError(`${call} while ${what} loads would start another one that loads it, without end: ${remedy}`);
  throw loading.refused;
}
