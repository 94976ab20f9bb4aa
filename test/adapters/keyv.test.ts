import { describe, expect, test } from '@jest/globals';
import { ClosedError } from 'commonhold';
import { keyvOptions } from 'commonhold/keyv';
import { Keyv as Keyv5 } from 'keyv';
import { Keyv as Keyv6 } from 'keyv6';
import { Managers } from './support.js';
import { jsonOptions, keyvCases, type AnyKeyv } from './keyv-cases.js';

// The store is one for both versions of Keyv, and holds values as JSON or as they are.

type KeyvClass = new (options: object) => AnyKeyv;

const managers = new Managers();

describe.each([
  { version: 5 as const, Keyv: Keyv5 as unknown as KeyvClass },
  { version: 6 as const, Keyv: Keyv6 as unknown as KeyvClass },
])('Keyv $version', ({ version, Keyv }) => {
  describe.each([
    { form: 'as JSON', json: true, options: jsonOptions },
    { form: 'as the dict stores them', json: false, options: keyvOptions },
  ])('with values $form', ({ json, options }) => {
    keyvCases({
      version,
      json,
      dict: () => managers.dict<unknown>(),
      create: (dict, namespace) => new Keyv({ ...options(dict), ...(namespace !== undefined && { namespace }) }),
    });

    test('another process sees the entries', async () => {
      const dict = managers.dict<unknown>();
      await new Keyv(options(dict)).set('foo', { fizz: 'buzz' });
      expect(await new Keyv(options(managers.two.dict(dict.name))).get('foo')).toEqual({ fizz: 'buzz' });
    });

    test('an error of the manager arrives as it is', async () => {
      const keyv = new Keyv(options(await managers.lost()));
      const errors: unknown[] = [];
      keyv.on('error', (error) => errors.push(error));
      expect(await keyv.set('foo', 'bar')).toBe(false);
      expect(errors).toEqual([expect.any(ClosedError)]);
    });
  });
});

test('values are no text in the dict', async () => {
  const dict = managers.dict<unknown>();
  await new Keyv5({ ...keyvOptions(dict), namespace: 'users' }).set('ada', { age: 36 });
  expect(await dict.get('users:ada')).toEqual({ value: { age: 36 } });
});
