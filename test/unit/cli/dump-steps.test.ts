import { expect, test } from '@jest/globals';
import { stepsOf } from '../../../cli/dump-steps.js';

// The faults of a dump that are found without a manager.

const HEAD = '{"dump":{"form":1,"version":"0.1.0","time":"2026-01-31T12:00:00.000Z"}}';
const open = JSON.stringify({ call: 'commonhold.v1.DictService/Open', request: { name: 'd' } });
const set = (request: object): string => JSON.stringify({ call: 'commonhold.v1.DictService/Set', request: { name: 'd', ...request } });
const value = (value: unknown): string => set({ key: { text: 'k' }, value });
const end = (calls: number): string => JSON.stringify({ end: { objects: 1, calls, undumped: 0 } });

/** Reads a dump in small pieces, and returns the names of the methods. */
async function methods(bytes: Uint8Array, size = 7): Promise<string[]> {
  const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
  const names: string[] = [];
  // A stream of bytes, as standard input is one.
  const input = (async function* () {
    yield* pieces;
  })();
  for await (const { method } of stepsOf(input)) names.push(method.name);
  return names;
}

test.each<[what: string, lines: string[], error: RegExp]>([
  ['nothing', [], /the input is empty: give a dump/],
  ['a line that is not JSON', [HEAD, open, '{"call":'], /line 3: it is not JSON: /],
  ['another line', [HEAD, '{"cal":1}'], /line 2: it is no line of a dump: give an object with dump, call, undumped or end/],
  ['no first line', [open], /line 1: a dump begins with a line \{"dump"/],
  ['two dumps', [HEAD, open, end(1), HEAD], /line 4: the dump has ended before/],
  [
    'a later form',
    [HEAD.replace('"form":1', '"form":2')],
    /line 1: the dump is of form 2, and this version reads form 1: load it with version 0\.1\.0/,
  ],
  ['no time', [HEAD.replace('2026-01-31T12:00:00.000Z', 'noon')], /line 1: the time of the dump is no time/],
  ['no last line', [HEAD, open], /the dump was cut short: line 2 is the last/],
  ['missing lines', [HEAD, open, end(2)], /line 3: the dump had 2 calls, and 1 are here/],
  ['an unknown method', [HEAD, open.replace('Open', 'Mend')], /line 2: "commonhold\.v1\.DictService\/Mend" is no method of this version/],
  [
    'a method that makes nothing',
    [HEAD, open, open.replace('Open', 'Clear')],
    /line 3: "commonhold\.v1\.DictService\/Clear" is not in a dump/,
  ],
  ['a method that waits', [HEAD, open, open.replace('Open', 'Watch')], /line 3: "commonhold\.v1\.DictService\/Watch" is not in a dump/],
  [
    'an unknown field',
    [HEAD, open, set({ colour: 1 })],
    /line 3: request\.colour is unknown, as DictServiceSetRequest has name, key, value, /,
  ],
  ['a missing field', [HEAD, open, set({ key: { text: 'k' } })], /line 3: .*value: it must be given/],
  ['no request', [HEAD, JSON.stringify({ call: 'commonhold.v1.DictService/Open' })], /line 2: request is missing: give an object/],
  ['no name', [HEAD, open.replace('"d"', '""')], /line 2: request\.name is missing/],
  [
    'a call on another object',
    [HEAD, open, set({}).replace('"d"', '"other"').replace('}}', ',"key":{"text":"k"},"value":{"null":null}}}')],
    /line 3: it calls a method of "other", but the Open before is that of "d"/,
  ],
  ['a value of no case', [HEAD, open, value({ txt: 'v' })], /line 3: request\.value\.txt is no case of a value: give one of null, boolean/],
  ['a value of two cases', [HEAD, open, value({ text: 'v', number: 1 })], /line 3: request\.value has text and number/],
  ['a wrong number', [HEAD, open, value({ number: 'one' })], /line 3: request\.value\.number is "one": give a number/],
  ['wrong bytes', [HEAD, open, value({ binary: '!' })], /line 3: request\.value\.binary is "!": give bytes as base64/],
  ['wrong packed bytes', [HEAD, open, value({ packed: '/////w==' })], /line 3: request\.value\.packed: /],
  [
    'a wrong key',
    [HEAD, open, set({ key: 'k', value: { null: null } })],
    /line 3: request\.key is "k": give an object with the fields of Key/,
  ],
  [
    'a wrong time',
    [HEAD, open, set({ key: { text: 'k' }, value: { null: null }, ttlMs: -1 })],
    /line 3: request\.ttlMs is -1: give a whole number from 0/,
  ],
])('%s is an error that says the place and the remedy', async (_what, lines, error) => {
  await expect(methods(Buffer.from(lines.map((line) => `${line}\n`).join('')))).rejects.toThrow(error);
});

test('bytes that are not UTF-8 are an error', async () => {
  await expect(methods(Buffer.from([0xff, 0x0a]))).rejects.toThrow(/the input is no text in UTF-8/);
});

test('a dump may be cut in any way, have empty lines, names of the contract, and no last line feed', async () => {
  const named = set({ key: { text: '😀' }, value: { null: null }, ttl_ms: '5' });
  const text = [HEAD, '', open, named, end(2)].join('\r\n');
  for (const size of [1, 2, 3, 1000]) {
    expect(await methods(Buffer.from(text), size)).toEqual(['commonhold.v1.DictService/Open', 'commonhold.v1.DictService/Set']);
  }
});
