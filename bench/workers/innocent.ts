import { setImmediate } from 'node:timers/promises';
import { Manager } from 'commonhold';
import { PHASE, PHASES } from './phases.js';
import { serveRounds } from './serve.js';

const [address] = process.argv.slice(2);

await using manager = await Manager.connect(address);
const phases = manager.dict<string, number>(PHASES);

/** Reads in a loop until the attack is over. Answers the longest wait of a read during the attack. */
await serveRounds(async () => {
  let longest = 0;
  let reads = 0;
  for (let phase: number | undefined; phase !== PHASE.over;) {
    await setImmediate();
    const began = performance.now();
    phase = await phases.get(PHASE.key);
    if (phase === undefined) continue;
    longest = Math.max(longest, performance.now() - began);
    reads++;
  }
  return { operations: reads, seconds: longest / 1000 };
});
