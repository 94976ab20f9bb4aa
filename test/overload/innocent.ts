// A process that makes one call after another, and prints the time of each, in milliseconds: `node innocent.js TARGET MS`.
import { Manager } from 'commonhold';
import type { Target } from './attacks.js';

const { address, token } = JSON.parse(process.argv[2]!) as Target;
await using manager = await Manager.connect(address, { token, callSites: false });
const scores = manager.dict<string, number>('scores');
await scores.set('alice', 1);
const times: number[] = [];
const end = performance.now() + Number(process.argv[3]);
for (let before = performance.now(); before < end;) {
  await scores.get('alice');
  const now = performance.now();
  times.push(now - before);
  before = now;
}
console.log(JSON.stringify(times));
