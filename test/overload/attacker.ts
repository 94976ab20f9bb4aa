// A process that attacks a manager until it is killed: `node attacker.js NAME TARGET`.
import { setPriority } from 'node:os';
import { ATTACKS, type Target } from './attacks.js';

// Attackers have processors of their own, and do not take the one of the manager.
setPriority(19);
process.stdout.write('attacks\n');
await ATTACKS[process.argv[2]!]!(JSON.parse(process.argv[3]!) as Target);
