import { checkObserved } from '../simulation/checks/index.js';
import { ABSENT, counter, linearizable, register, type Sequential } from '../simulation/checks/registers.js';
import type { Call } from '../simulation/history.js';
import type { CrashWorld } from './world.js';

const KEYS = ['a', 'b'];

/** Examines all that the users of a world have seen, where nothing may be lost. */
export function checkCrashWorld(world: CrashWorld): void {
  checkObserved(world);
  for (const key of KEYS) {
    linearizable(world, `set/${key}`, false, member);
    linearizable(world, `array/${key}`, 0, register);
    linearizable(world, `namespace/${key}`, ABSENT, register);
    linearizable(world, `bulk/${key}`, ABSENT, register);
    linearizable(world, `expiring/${key}`, ABSENT, expiringRegister, ends(world, `expiring/${key}`));
  }
  for (const object of ['moved', 'tally', 'unary']) linearizable(world, object, 0, counter);
  for (const { loop, expiries } of world.clients)
    if (expiries > 0) world.violated(`${loop.name} lost its session, although its manager came back each time`);
}

/** An element that a set has or lacks. */
const member: Sequential = (state, { what }) => {
  if (what === 'add') return { value: state === true ? 0 : 1, next: true };
  if (what === 'delete') return { value: state === true ? 1 : 0, next: false };
  return { value: state, next: state };
};

const expiringRegister: Sequential = (state, call) => {
  if (call.what !== 'end') return register(state, call);
  return { value: undefined, next: state === call.args[0] ? ABSENT : state };
};

/** The ends of values with a time to live, each of which may take effect at any time after that. */
function ends({ history }: CrashWorld, object: string): Call[] {
  const sets = history.of(object).filter(({ what }) => what === 'set');
  return sets.map((call) => {
    const [value, ttl] = call.args as [number, number];
    return { ...call, what: 'end', args: [value], called: call.called + ttl, returned: Infinity, outcome: 'unknown', result: undefined };
  });
}
