import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Arena, InvalidArgumentError, Manager } from 'commonhold';
import { collect } from '../conformance/support.js';

// Arguments that a program in JavaScript may give in place of the ones that the types ask for.

let manager: Manager;
let arena: Arena;
beforeAll(async () => {
  manager = await Manager.start();
  arena = Arena.create();
});
afterAll(async () => {
  await arena.close();
  await manager.close();
});

/** Values that are neither holds, nor objects of a manager, nor iterable, nor have entries. */
const WRONG = [null, undefined, 5, () => {}] as never[];
/** Values that are no text. Without a name, an object is anonymous. */
const NO_TEXT = [5, {}, Symbol('s'), Object.create(null), () => {}] as never[];
/** Values that are no keys. */
const NO_KEY = [null, undefined, {}, () => {}, Symbol('s')] as never[];

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
  await expectRefused(WRONG, call, message);
  expect(await collect(manager.objects())).toEqual([]);
});

test.each<[string, (wrong: never) => unknown, RegExp]>([
  ['sync condition.wait', (held) => arena.condition('c').sync.wait(held, { timeout: 0 }), /give the result of acquire\(\)/],
  ['sync condition.notify', (held) => arena.condition('c').sync.notify(held), /give the result of acquire\(\)/],
  ['sync condition.notifyAll', (held) => arena.condition('c').sync.notifyAll(held), /give the result of acquire\(\)/],
  ['sync list.extend', (values) => arena.list('l').sync.extend(values), /the values are not iterable/],
  ['sync queue.putMany', (values) => arena.queue('q').sync.putMany(values), /the values are not iterable/],
  ['open', (reference) => manager.open(reference), /is no reference: give \{ kind, name, address \}/],
  ['arena.open', (reference) => arena.open(reference), /is no reference: give \{ kind, name, address \}/],
])('%s says which argument it needs', async (_name, call, message) => expectRefused(WRONG, call, message));

test.each<[string, (wrong: never) => unknown]>([
  ['dict', (name) => manager.dict(name)],
  ['queue', (name) => manager.queue(name)],
  ['lock', (name) => manager.lock(name)],
  ['barrier', (name) => manager.barrier(name, 2)],
  ['dict in shared memory', (name) => arena.dict(name)],
])('the name of a %s is a text', async (_kind, call) => expectRefused(NO_TEXT, call, /the name of the .* is .*: give a text/));

test('the label of an owner, and the typecode of an array, are texts', async () => {
  await expectRefused(NO_TEXT, (label) => manager.owner(label), /label is .*: give a text/);
  await expectRefused(NO_TEXT, (type) => manager.array('a', type, 1), /is no typecode: use i8/);
  await expectRefused([null, 5] as never[], (values) => manager.namespace('n').assign(values), /the properties are .*: give an object/);
});

test('a key is refused by a near cache as by its dict', async () => {
  const dict = manager.dict<never, number>('d');
  await using cache = dict.cached();
  for (const each of [dict, cache]) {
    await expectRefused(NO_KEY, (key) => each.get(key), /a key must be a text/);
    await expectRefused(NO_KEY, (key) => each.set(key, 1), /a key must be a text/);
    await expectRefused(NO_KEY, (key) => each.delete(key), /a key must be a text/);
  }
});

async function expectRefused(values: readonly never[], call: (wrong: never) => unknown, message: RegExp): Promise<void> {
  for (const wrong of values) {
    const error = await Promise.resolve()
      .then(() => call(wrong))
      .then(
        () => undefined,
        (failure: unknown) => failure,
      );
    expect(error).toBeInstanceOf(InvalidArgumentError);
    expect((error as Error).message).toMatch(message);
  }
}
