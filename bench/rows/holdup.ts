import { agreed } from '../contender.js';
import { ourHeldUpClient } from '../ours.js';
import type { Row } from '../row.js';
import { ATTACKS } from '../workers/attacks.js';

const ASKED = 'asked 100 ms';

/** The longest wait of a client while another one makes a large request, one row for each request. */
export const holdup: readonly Row[] = Object.entries(ATTACKS).map(([name, { work }]) => ({
  name: `holdup-${name}`,
  partOf: 'holdup',
  unit: 'ms',
  work: `longest wait of a client that reads a dict in a loop, beside one that makes this call: ${work}`,
  targets: [{ against: [ASKED], atLeast: 1 }],
  awaited: false,
  warmUp: 0,
  start: () => Promise.resolve({ ours: ourHeldUpClient(name), peers: [], limits: [agreed(ASKED, 100)] }),
}));
