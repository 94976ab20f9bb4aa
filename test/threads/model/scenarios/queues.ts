import { call, coded, LONG, MAKE, scenario } from '../setup.js';
import { POINT } from '../points.js';
import type { Scenario } from '../world.js';

const put = (value: unknown) => coded('queue', 'put', value);
const get = coded('queue', 'get');

/** A scenario in which a thread puts, takes or drops several items: if it dies, it may have done any number of them. */
function partly(whole: Scenario, ...variants: Scenario['threads'][]): Scenario {
  return { ...whole, partly: variants };
}

const take = (count: number) => coded('queue', 'getMany', count);

export const QUEUES: readonly Scenario[] = [
  scenario('a queue with a producer and a consumer', (engine) => MAKE.queue(engine, 0), [put(1), put(LONG)], [get, get]),
  scenario('a queue that is full', (engine) => MAKE.queue(engine, 1, [0]), [put(LONG)], [put(2)], [get, get, get]),
  scenario('a queue with two consumers', (engine) => MAKE.queue(engine, 0), [get], [get], [put(LONG), put(2), put(3)]),
  partly(
    scenario(
      'a queue with waiting producers',
      (engine) => MAKE.queue(engine, 2),
      [coded('queue', 'putMany', [1, LONG, 3])],
      [get, get, get],
    ),
    [
      [put(1), put(LONG), put(3)],
      [get, get, get],
    ],
  ),
  partly(
    scenario('a queue that gives many', (engine) => MAKE.queue(engine, 0, [1, LONG, 3]), [take(2)], [take(2)], [put(4)]),
    [[take(1)], [take(2)], [put(4)]],
    [[take(2)], [take(1)], [put(4)]],
  ),
  scenario('a queue that is shut', (engine) => MAKE.queue(engine, 1, [1]), [put(LONG)], [call('queue', 'shutdown', true)], [get]),
  scenario('a queue that is drained', (engine) => MAKE.queue(engine, 1, [1]), [put(LONG)], [call('queue', 'shutdown', false)], [get, get]),
  scenario('a queue that is emptied', (engine) => MAKE.queue(engine, 2, [1, LONG]), [put(LONG)], [call('queue', 'clear')], [get]),
  scenario(
    'a queue whose items are done',
    (engine) => MAKE.queue(engine, 0, [1, 2]),
    [call('queue', 'join', undefined)],
    [get, call('queue', 'taskDone', 1)],
    [call('queue', 'taskDone', 1)],
  ),
  scenario('a queue to which items go back', (engine) => MAKE.queue(engine, 1, [LONG]), [
    function* ({ object }) {
      const queue = object('queue');
      const count = yield* queue.pull(1);
      if (count !== 1) return count;
      const payloads = yield* queue.taken(1);
        yield POINT.operation;
      yield* queue.giveBack(payloads);
      return count;
    },
  ], [get], [put(2)]), // prettier-ignore
];
