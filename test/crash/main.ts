/**
 * Kills a daemon under load again and again, and checks that nothing that it answered is lost:
 *
 *     SEED=… KILLS=… node dist/test/crash/main.js    worlds of the seeds from SEED on, with KILLS kills in all
 *
 * A world that fails ends the campaign with 1. Its directory is kept.
 */
import { writeFileSync } from 'node:fs';
import { Campaign } from './campaign.js';

const KILLS = 1000;

const { env } = process;
const campaign = new Campaign(Number(env['SEED'] || Math.floor(Date.now() / 1000)), Number(env['KILLS'] || KILLS));
console.log(`${campaign.kills} kills, of the worlds from seed ${campaign.seed} on`);
const failure = await campaign.run((line) => console.log(line));
console.log(campaign.figures());
if (failure !== undefined) {
  const file = `${failure.directory}/report.txt`;
  writeFileSync(file, failure.report);
  console.log(`${failure.report.slice(0, 6_000)}\n\nAll of it: ${file}`);
  process.exitCode = 1;
}
