import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { agreed, present, type Contender } from '../contender.js';
import { compiledFile } from '../machine.js';
import { pythonStart } from '../peers/python.js';
import type { Row } from '../row.js';

const START_ALLOWED = 'allowed 150 ms';
const EMBED_ALLOWED = 'allowed 80 ms';
const IMPORT_ALLOWED = 'allowed 60 ms';

/** Time from the call of `Manager.start()` in a fresh process to the first answer. */
export const start: Row = {
  name: 'start',
  unit: 'ms',
  work: 'fresh process, import done: from the call of Manager.start(), which spawns the daemon, to the first answer',
  targets: [{ against: [START_ALLOWED], atLeast: 1 }],
  awaited: false,
  warmUp: 0,
  start: (scope) =>
    Promise.resolve({
      ours: freshProcess('start', 'started'),
      peers: present(pythonStart(scope)),
      limits: [agreed(START_ALLOWED, 150)],
    }),
};

/** The same for `Manager.embed()`. */
export const startEmbedded: Row = {
  name: 'start-embedded',
  partOf: 'start',
  unit: 'ms',
  work: 'fresh process, import done: from the call of Manager.embed(), a manager on a thread of its own, to the first answer',
  targets: [{ against: [EMBED_ALLOWED], atLeast: 1 }],
  awaited: false,
  warmUp: 0,
  start: (scope) =>
    Promise.resolve({
      ours: freshProcess('embed', 'started'),
      peers: present(pythonStart(scope)),
      limits: [agreed(EMBED_ALLOWED, 80)],
    }),
};

/** Time of the import before that. */
export const startImport: Row = {
  name: 'start-import',
  partOf: 'start',
  unit: 'ms',
  work: "fresh process: import 'commonhold'",
  targets: [{ against: [IMPORT_ALLOWED], atLeast: 1 }],
  awaited: false,
  warmUp: 0,
  start: () =>
    Promise.resolve({
      ours: freshProcess('start', 'import'),
      peers: [],
      limits: [agreed(IMPORT_ALLOWED, 60)],
    }),
};

/** Starts a new Node process in each round, which ignores the round's seconds. */
function freshProcess(how: 'start' | 'embed', part: 'started' | 'import'): Contender {
  return {
    name: 'commonhold',
    async measure() {
      const { stdout } = await promisify(execFile)(process.execPath, [compiledFile('workers/start.js'), how]);
      const parts = JSON.parse(stdout) as Record<typeof part, number>;
      return { figure: parts[part], operations: 1 };
    },
  };
}
