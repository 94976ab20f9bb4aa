/**
 * Kills a daemon under load again and again, and checks that nothing that it answered is lost:
 *
 *     SEED=… KILLS=… node dist/test/crash/main.js    worlds of the seeds from SEED on, with KILLS kills in all
 *
 * A world that fails ends the campaign with 1. Its directory is kept. A campaign that SIGINT or SIGTERM stops prints the figures so far.
 */
import { writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { Campaign } from './campaign.js';

const KILLS = 1000;
/** Characters of a report that are printed. */
const SHOWN = 6_000;

const { env } = process;
const campaign = new Campaign(Number(env['SEED'] || Math.floor(Date.now() / 1000)), Number(env['KILLS'] || KILLS), true);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    console.log(`stopped by ${signal}`);
    console.log(campaign.figures());
    process.exit(128 + constants.signals[signal]);
  });
}
console.log(`${campaign.kills} kills, of the worlds from seed ${campaign.seed} on`);
const failure = await campaign.run((line) => console.log(line));
console.log(campaign.figures());
if (failure !== undefined) {
  console.log(failure.report.slice(0, SHOWN));
  if (failure.directory !== undefined) {
    const file = join(failure.directory, 'report.txt');
    writeFileSync(file, failure.report);
    console.log(`\nAll of it: ${file}`);
  }
  process.exitCode = 1;
}
