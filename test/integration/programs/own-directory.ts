// A program with a manager of its own on a directory, which counts until it is killed: `node own-directory.js start|embed DIRECTORY DURABILITY`.
import { Manager } from 'commonhold';

const [how, dataDir, durability] = process.argv.slice(2) as ['start' | 'embed', string, 'sync' | 'async' | 'none'];
const manager = await Manager[how]({ dataDir, durability });
console.log(`manager ${manager.daemonPid ?? process.pid}`);
const counts = manager.list<number>('counts');
for (let n = 0; ; n++) {
  await counts.push(n);
  console.log(`counted ${n}`);
}
