import { call, coded, HUGE, LONG, MAKE, read, scenario, SHORT } from '../setup.js';
import type { Scenario } from '../world.js';

const few: readonly (readonly [string, unknown])[] = [
  ['a', 1],
  ['b', LONG],
  ['c', SHORT],
];
/** As many entries as the first table has room for. */
const many = Array.from({ length: 6 }, (_, i) => [`key ${i}`, i % 2 === 0 ? i : LONG + i] as const);

const get = (key: string) => coded('dict', 'get', key);
const size = read('dict', 'size');
const set = (key: string, value: unknown) => coded('dict', 'set', key, value);

export const COLLECTIONS: readonly Scenario[] = [
  scenario(
    'a dict with a value that is replaced and read',
    (engine) => MAKE.dict(engine, few),
    [set('b', `${LONG}!`)],
    [get('b'), get('a')],
  ),
  scenario('a dict in which two put a new key', (engine) => MAKE.dict(engine, few), [set('new', LONG)], [set('new', 2), get('new')]),
  scenario('a dict that grows', (engine) => MAKE.dict(engine, many), [set('one', LONG)], [set('two', 2)], [size, get('key 1'), size]),
  scenario(
    'a dict in which two insert',
    (engine) => MAKE.dict(engine),
    [coded('dict', 'getOrInsert', 'k', LONG)],
    [coded('dict', 'getOrInsert', 'k', 'other')],
  ),
  scenario(
    'a dict that loses a key',
    (engine) => MAKE.dict(engine, few),
    [coded('dict', 'pop', 'b')],
    [call('dict', 'delete', 'b'), get('c')],
    [set('b', 3)],
  ),
  scenario(
    'a dict that loses the newest',
    (engine) => MAKE.dict(engine, few),
    [coded('dict', 'popItem')],
    [coded('dict', 'popItem')],
    [call('dict', 'has', 'c')],
  ),
  scenario('a dict that is emptied', (engine) => MAKE.dict(engine, few), [call('dict', 'clear')], [set('a', LONG)], [get('b')]),
  scenario('a dict that gets many', (engine) => MAKE.dict(engine, few), [coded('dict', 'setMany', [['b', 'other'], ['x', LONG]])], [get('b'), get('x')], [call('dict', 'deleteMany', ['a', 'b'])]), // prettier-ignore
  scenario('a dict that gets many and grows', (engine) => MAKE.dict(engine, many), [coded('dict', 'setMany', [['b', 'other'], ['x', LONG]])], [coded('dict', 'entries')]), // prettier-ignore
  scenario(
    'a list at its ends',
    (engine) => MAKE.list(engine, [1, LONG]),
    [coded('list', 'push', [SHORT, `${LONG}2`])],
    [coded('list', 'pop', undefined)],
    [read('list', 'size'), coded('list', 'shift'), read('list', 'size')],
  ),
  scenario(
    'a list that grows',
    (engine) => MAKE.list(engine, [1, 2, 3, 4, 5, LONG, 7]),
    [coded('list', 'push', [8, LONG])],
    [coded('list', 'unshift', [0, LONG])],
  ),
  scenario(
    'a list with an item that is replaced and read',
    (engine) => MAKE.list(engine, [LONG, 2]),
    [coded('list', 'set', 0, `${LONG}!`)],
    [coded('list', 'at', 0), coded('list', 'at', 1)],
  ),
  scenario(
    'a list in the middle',
    (engine) => MAKE.list(engine, [1, LONG, 3, LONG]),
    [coded('list', 'insert', 2, `${LONG}2`)],
    [coded('list', 'splice', 1, 2, [SHORT])],
  ),
  scenario(
    'a list that is sorted, and emptied',
    (engine) => MAKE.list(engine, ['c', LONG, 'a']),
    [call('list', 'sort', false, '')],
    [call('list', 'clear')],
    [coded('list', 'toArray')],
  ),
  scenario(
    'a text that is written and read',
    (engine) => MAKE.text(engine, LONG),
    [coded('text', 'writeValue', `${LONG}!`)],
    [coded('text', 'get'), coded('text', 'get')],
  ),
  scenario(
    'a large text',
    (engine) => MAKE.text(engine, HUGE),
    [coded('text', 'writeValue', `${HUGE}!`)],
    [coded('text', 'get')],
    [coded('text', 'writeValue', SHORT)],
  ),
];
