import { InvalidArgumentError } from './errors.js';

/** A module of the user's that is being loaded to be run by us. */
interface Loading {
  /** Says which, and whose: for people. */
  readonly what: string;
  readonly remedy: string;
  refused: InvalidArgumentError | undefined;
}

const KEY = Symbol.for('commonhold.loading');
/** Of this thread, not of this module: a loader for TypeScript may give the user's module another copy of the package. */
const holder = globalThis as { [KEY]?: Loading | undefined };

/**
 * Loads a module of the user's. While it loads, it cannot start managers or workers: one that is the program as well
 * would do so in each process that loads it, without end.
 * @throws what `load` throws; InvalidArgumentError where the module tried to start something, whether or not it awaited that
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
 * @param call that starts a manager or a worker
 * @throws InvalidArgumentError while a module loads that a worker or a manager is to run
 */
export function refuseWhileLoading(call: string): void {
  const loading = holder[KEY];
  if (loading === undefined) return;
  const { what, remedy } = loading;
  loading.refused ??= new InvalidArgumentError(`${call} while ${what} loads would start another one that loads it, without end: ${remedy}`);
  throw loading.refused;
}
