import type { Call } from '../history.js';
import type { ObservedWorld } from '../observed.js';
import { shown } from './calls.js';

/** Items leave queues and pipes in the order in which they came, calls that wait for items are served in theirs, and so are waits on a condition. */
export function checkOrder(world: ObservedWorld): void {
  const pipes = new Set(world.history.calls.filter(({ what }) => what === 'send').map(({ object }) => object));
  checkItemOrder(world, 'queue', 'put', 'get');
  for (const pipe of pipes) checkItemOrder(world, pipe, 'send', 'receive');
  checkWaits(world);
}

/** An item that was put and taken. */
interface Passage {
  readonly put: Call;
  readonly take: Call;
}

function checkItemOrder(world: ObservedWorld, object: string, put: string, take: string): void {
  const calls = world.history.of(object);
  const puts = new Map(calls.filter(({ what, outcome }) => what === put && outcome === 'done').map((call) => [call.args[0], call]));
  const takes = calls.filter(({ what }) => what === take);
  const taken = takes.filter(({ outcome, client }) => outcome === 'done' && !world.mayLose(client));
  // These may have been handed an item that came back, to the head of the queue. The manager hears of their end later, if their client had no connection.
  const others = takes.filter((call) => !taken.includes(call));
  const endOf = ({ client, returned }: Call): number => (world.mayLose(client) || client.resumptions > 0 ? Infinity : returned);
  const passages = taken.flatMap((call): Passage[] => {
    const from = puts.get(call.result);
    return from === undefined ? [] : [{ put: from, take: call }];
  });
  for (const first of passages) {
    const explained = others.some((call) => call.called < first.take.returned && endOf(call) > first.put.called);
    if (explained) continue;
    for (const second of passages) {
      if (second.take.returned < first.take.called && first.put.returned < second.put.called)
        world.violated(`${shown(second.take)} had the item of ${shown(second.put)} before that of ${shown(first.put)}`);
      const waited = first.take.knownAt < Math.min(second.take.called, second.put.called);
      if (waited && second.put.returned < first.put.called) world.violated(`${shown(second.take)} overtook ${shown(first.take)}`);
    }
  }
}

/** Waits begin under the lock of their condition, one after the other, and the ones that are notified take it back in the same order. */
function checkWaits(world: ObservedWorld): void {
  const notified = world.history
    .of('condition')
    .filter(({ what, outcome, result, client }) => what === 'wait' && outcome === 'done' && result === true && !world.mayLose(client));
  for (const first of notified) {
    for (const second of notified) {
      if (first.called < second.called && second.returned < first.returned)
        world.violated(`${shown(second)} was notified before ${shown(first)}`);
    }
  }
}
