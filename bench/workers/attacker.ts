import { Manager } from 'commonhold';
import { ATTACKS } from './attacks.js';
import { PHASE, PHASES } from './phases.js';
import { serveRounds } from './serve.js';

const [address, name = ''] = process.argv.slice(2);
const chosen = ATTACKS[name];
if (chosen === undefined) throw new Error(`there is no attack ${name}`);

/** Prepares the attack, and says in a dict when it begins and when it is over. */
await serveRounds(async () => {
  await using manager = await Manager.connect(address);
  await using signals = await Manager.connect(address);
  const phases = signals.dict<string, number>(PHASES);
  const attack = await chosen.prepare(manager);
  await phases.set(PHASE.key, PHASE.attack);
  const began = performance.now();
  await attack();
  const seconds = (performance.now() - began) / 1000;
  await phases.set(PHASE.key, PHASE.over);
  return { operations: 1, seconds };
});
