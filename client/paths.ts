// Files that are started, not imported. This module stands one folder below the package's code, as
// the chunks of the bundle do, so that the relative paths hold in both.

/** The manager process of Manager.start(). */
export const DAEMON = new URL('../server/spawned.js', import.meta.url);
/** The manager thread of Manager.embed(). */
export const EMBEDDED = new URL('../server/embedded.js', import.meta.url);
/** The child process of a worker. */
export const PROCESS_WORKER = new URL('../client/workers/process-entry.js', import.meta.url);
/** The thread of a worker. */
export const THREAD_WORKER = new URL('../client/workers/thread-entry.js', import.meta.url);
/** The thread that ends a child process with the one that started it. */
export const WATCHDOG = new URL('../client/workers/watchdog.js', import.meta.url);
/** The thread that answers for the objects at home in its process. */
export const HOME_HELPER = new URL('../client/home/helper-entry.js', import.meta.url);
