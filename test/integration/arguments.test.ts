import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { InvalidArgumentError, Manager } from 'commonhold';
import { collect } from '../conformance/support.js';

// Arguments that a program in JavaScript may give in place of the ones that the types ask for.

let manager: Manager;
beforeAll(async () => (manager = await Manager.start()));
afterAll(() => manager.close());

/** Values that are neither holds, nor objects of a manager, nor iterable, nor have entries. */
const WRONG = [null, undefined, 5, () => {}] as never[];

test.each<[string, (wrong: never) => unknown, RegExp]>([
  ['condition.wait', (held) => manager.condition('c').wait(held, { timeout: 0 }), /give the result of lock\(\) or acquire\(\)/],
  ['condition.waitFor', (held) => manager.condition('c').waitFor(held, () => true), /give the result of/],
  ['condition.notify', (held) => manager.condition('c').notify(held), /give the result of/],
  ['condition.notifyAll', (held) => manager.condition('c').notifyAll(held), /give the result of/],
  ['fencedBy', (held) => manager.dict('d').fencedBy(held).set('a', 1), /give the result of/],
  ['dict.getMany', (keys) => manager.dict('d').getMany(keys), /the keys are not iterable/],
  ['dict.deleteMany', (keys) => manager.dict('d').deleteMany(keys), /the keys are not iterable/],
  ['dict.setMany', (entries) => manager.dict('d').setMany(entries), /the entries are /],
  ['dict.addMany', (counts) => manager.dict('d').addMany(counts), /the entries are /],
  ['path.assign', (values) => manager.dict<string, object>('d').path('a').assign(values), /the entries are /],
  ['list.extend', (values) => manager.list('l').extend(values), /the values are not iterable/],
  ['queue.putMany', (values) => manager.queue('q').putMany(values), /the values are not iterable/],
  ['a dead letter queue', (queue) => manager.queue('q', { deadLetter: { queue, maxDeliveries: 1 } }), /give a queue, or the name of one/],
  ['a schedule', (queue) => manager.schedule('s', { every: 60_000 }, queue, 1), /into a queue/],
  ['a batch', (object) => manager.atomic().put(object, 1).commit(), /give it a dict, a list, a queue or a value/],
])('%s says which argument it needs, and does nothing', async (_name, call, message) => {
  for (const wrong of WRONG) {
    const error = await Promise.resolve()
      .then(() => call(wrong))
      .then(
        () => undefined,
        (failure: unknown) => failure,
      );
    expect(error).toBeInstanceOf(InvalidArgumentError);
    expect((error as Error).message).toMatch(message);
  }
  expect(await collect(manager.objects())).toEqual([]);
});
