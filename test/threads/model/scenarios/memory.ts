import type { Coroutine } from '../points.js';
import { call, coded, HUGE, LONG, MAKE, scenario, SHORT, type Actor, type Make, type Operation } from '../setup.js';
import type { Scenario } from '../world.js';

/** Allocates blocks of these sizes, in bytes, and frees them. */
const blocks = (...sizes: readonly number[]): Operation =>
  function* ({ thread }) {
    const { kernel, self } = thread;
    for (const size of sizes) {
      const block = yield* thread.alloc(size);
      yield* thread.setWord(block, size);
      if ((yield* thread.word(block)) !== size) throw new Error('a block is in two hands');
      yield* kernel.discard(self);
    }
    return sizes.length;
  };

/** Takes two blocks, and keeps them. */
function* kept({ thread }: Actor): Coroutine {
  yield* thread.alloc(LONG.length);
  yield* thread.alloc(LONG.length);
  return 2;
}

/**
 * A dict takes two blocks, frees one that it had, and then the first of them: that becomes the next free one again, and the second no
 * longer follows it.
 */
const turned = [
  ['first', LONG],
  ['second', LONG],
  ['had', SHORT],
  ['first', SHORT],
].map(([key, value]) => coded('dict', 'set', key, value));
const turning: Make = (engine) => {
  MAKE.dict(engine, [
    ['first', SHORT],
    ['second', SHORT],
    ['had', LONG],
  ]);
};

const open = (kind: string, name: string): Operation =>
  function* ({ objects, code }) {
    const bound = yield* objects.open(code[`${kind}Kind`], name);
    return bound.name;
  };
const destroy = (kind: string, name: string): Operation =>
  function* ({ objects }: Actor): Coroutine {
    return yield* objects.destroy(name, kind);
  };

function* leave({ thread }: Actor): Coroutine {
  return yield* thread.leave();
}

const give: Operation = function* ({ thread }) {
  return typeof (yield* thread.usage());
};

export const MEMORY: readonly Scenario[] = [
  scenario('blocks of one class', () => {}, [blocks(100, 100)], [blocks(100)], [blocks(120)]),
  scenario('blocks of classes that are new', () => {}, [blocks(3000)], [blocks(2900, 2000)]),
  scenario('blocks that are freed in another order', turning, [kept], turned),
  scenario('large blocks', () => {}, [blocks(5000, 9000)], [blocks(6000)], [give]),
  scenario(
    'memory that is given back',
    (engine) => MAKE.text(engine, HUGE),
    [coded('text', 'writeValue', LONG), give],
    [blocks(5000, 3000)],
  ),
  scenario('an object that two make', () => {}, [open('dict', 'new')], [open('dict', 'new')], [destroy('dict', 'new')]),
  scenario(
    'an object that two destroy',
    (engine) => MAKE.dict(engine, [['a', LONG]]),
    [destroy('dict', 'dict')],
    [destroy('dict', 'dict')],
    [coded('dict', 'get', 'a')],
  ),
  scenario(
    'a thread that leaves',
    MAKE.number,
    [call('number', 'addNumber', 1, undefined), leave],
    [call('number', 'addNumber', 2, undefined)],
  ),
];
