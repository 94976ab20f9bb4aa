// Files that run as processes or threads; no module imports them.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ManagerUnavailableError } from '../proto/errors.js';
import { VERSION } from '../proto/version.js';

/** The manager process of Manager.start(). */
export const daemonFile = (): URL => fileOf('server/spawned.js');
/** The manager thread of Manager.embed(). */
export const embeddedFile = (): URL => fileOf('server/embedded.js');
/** The child process of a worker. */
export const processWorkerFile = (): URL => fileOf('client/workers/process-entry.js');
/** The thread of a worker. */
export const threadWorkerFile = (): URL => fileOf('client/workers/thread-entry.js');
/** The thread that ends a child process when its parent has ended. */
export const watchdogFile = (): URL => fileOf('client/workers/watchdog.js');
/** The thread that serves the objects whose home is its process. */
export const homeHelperFile = (): URL => fileOf('client/shared/home/helper-entry.js');
/** The thread that sends the heartbeats of sessions with managers on other hosts. */
export const heartbeatFile = (): URL => fileOf('client/connect/heartbeat-entry.js');

/**
 * Returns the URL of a file of this package. This module is one folder below the package's code, as are the chunks of its bundle, so that
 * the relative path holds in both. In a program that was bundled together with the package it does not: there the package is resolved as
 * the program would.
 * @throws ManagerUnavailableError if the package is not found, or has another version
 */
function fileOf(path: string): URL {
  // A CommonJS bundle has no URL of its own.
  const here = import.meta.url as string | undefined;
  if (here !== undefined) {
    const beside = new URL(`../${path}`, here);
    if (beside.protocol !== 'file:' || existsSync(beside)) return beside;
  }
  return pathToFileURL(join(installed(here), 'lib', path));
}

/** Returns the folder of the package, resolved from the program's own file or its working directory. */
function installed(here: string | undefined): string {
  const starts = [here === undefined ? process.argv[1] : fileURLToPath(here), join(process.cwd(), 'program.js')];
  for (const start of starts) {
    if (start === undefined) continue;
    let manifest: { path: string; version: string };
    try {
      const require = createRequire(start);
      const path = require.resolve('commonhold/package.json');
      manifest = { path, version: (require(path) as { version: string }).version };
    } catch {
      continue;
    }
    if (manifest.version === VERSION) return join(manifest.path, '..');
    throw new ManagerUnavailableError(
      `this program was bundled with version ${VERSION} of commonhold, and ${manifest.version} is installed: bundle it again`,
    );
  }
  throw new ManagerUnavailableError(
    'the files of commonhold that run managers and workers are not found, as this program was bundled: ' +
      'install commonhold beside it (npm install commonhold), or keep it out of the bundle (esbuild --external:commonhold)',
  );
}
