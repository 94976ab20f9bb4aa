import type { Delivery } from '../../../client/objects/queue/delivery.js';
import type { Call } from '../history.js';
import type { ObservedWorld } from '../observed.js';
import { shown } from './calls.js';

/** No item is lost, and none is handed out twice, but by the loss of a session. */
export function checkItems(world: ObservedWorld): void {
  const pipes = new Set(world.history.calls.filter(({ what }) => what === 'send' || what === 'receive').map(({ object }) => object));
  exactlyOnce(world, 'queue', 'put', 'get');
  for (const object of pipes) exactlyOnce(world, object, 'send', 'receive');
  exactlyOnce(world, 'limited', 'put', 'get');
  exactlyOnce(world, 'jobs', 'put', 'ack');
  exactlyOnce(world, 'tasks', 'put', 'ack');
  checkAttempts(world);
}

/** Each delivery of an item counts, but for one that arrived just as its session was lost. */
function checkAttempts(world: ObservedWorld): void {
  const last = new Map<unknown, Call>();
  for (const call of byReturn(world.history.of('jobs').filter(({ what, outcome }) => what === 'deliver' && outcome === 'done'))) {
    const { value, attempts } = call.result as Delivery;
    const before = last.get(value);
    last.set(value, call);
    if (before === undefined || world.mayLose(before.client) || before.client.closed) continue;
    const earlier = (before.result as Delivery).attempts;
    if (attempts <= earlier) world.violated(`${shown(call)} was attempt ${attempts} of ${String(value)}, after attempt ${earlier}`);
  }
}

function byReturn(calls: readonly Call[]): Call[] {
  return calls.toSorted((a, b) => a.returned - b.returned);
}

function exactlyOnce(world: ObservedWorld, object: string, put: string, take: string): void {
  const calls = world.history.of(object);
  const puts = calls.filter(({ what }) => what === put);
  const takes = calls.filter(({ what }) => what === take);
  const itemOf = (call: Call): unknown => (take === 'ack' ? call.args[0] : call.result);
  const left = calls.find(({ what }) => what === 'peek')?.result as unknown[] | undefined;

  const taken = new Map<unknown, Call>();
  // The first to have an item is the one that may have lost it again.
  for (const call of byReturn(takes.filter(({ outcome }) => outcome === 'done'))) {
    const item = itemOf(call);
    const before = taken.get(item);
    if (before !== undefined && !world.mayLose(before.client))
      world.violated(`${shown(before)} and ${shown(call)} had the same item, ${String(item)}`);
    taken.set(item, call);
    const from = puts.find(({ args }) => args[0] === item);
    if (from === undefined || from.called > call.returned) world.violated(`${shown(call)} had an item that was not put: ${String(item)}`);
    else if (!wasPut(from)) world.violated(`${shown(call)} had an item whose put was refused: ${shown(from)}`);
  }
  // A pipe drops the messages that an ended client has not received.
  if (left === undefined) return;
  const unknown = takes.filter((call) => call.outcome === 'unknown' || call.outcome === 'pending');
  const lost = puts.filter((call) => call.outcome === 'done' && wasPut(call) && !taken.has(call.args[0]) && !left.includes(call.args[0]));
  const explained =
    take === 'ack' ? lost.filter(({ args: [item] }) => unknown.some((call) => call.args[0] === item)).length : unknown.length;
  if (lost.length > explained) world.violated(`items of ${object} are lost: ${lost.map(shown).join(', ')}`);
  for (const item of left) {
    const from = taken.get(item);
    if (from !== undefined && !world.mayLose(from.client)) world.violated(`${shown(from)} left its item in place`);
  }
}

/** False if a put certainly had no effect: it was refused, or its queue had an item with its id. */
function wasPut({ outcome, result }: Call): boolean {
  return outcome !== 'refused' && result !== false;
}
