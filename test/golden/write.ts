// Writes the golden log of this version of the engine: `node dist/test/golden/write.js`. It is run once before a release that changes
// ENGINE_VERSION; the logs of earlier versions stay as they are.
import { Manager } from '../../client/index.js';
import { ENGINE_VERSION } from '../../engine/versions.js';
import { commonhold, Daemon, Temporary } from '../support/daemon.js';
import { fill } from './fill.js';
import { keep, TYPES } from './golden.js';

using folder = new Temporary();
const directory = folder.join('data');
const flags = ['--listen', '127.0.0.1:0', '--data-dir', directory, '--register', TYPES];

// The first part is in a snapshot, and the second in the log.
for (const [part, signal] of [
  ['first', 'SIGTERM'],
  ['second', 'SIGKILL'],
] as const) {
  const daemon = await Daemon.serve(flags);
  const manager = await Manager.connect(daemon.address);
  await manager.dict('parts').set(part, true);
  await fill(manager, part);
  await daemon.program.kill(signal);
  await manager.close();
}
const { code, stdout, stderr } = await commonhold(['dump', '--data-dir', directory]);
if (code !== 0) throw new Error(`the log cannot be dumped: ${stderr}`);
keep(`engine-${ENGINE_VERSION}`, directory, stdout);
