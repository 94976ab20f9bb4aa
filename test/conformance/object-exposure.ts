import { expect, it } from '@jest/globals';
import { InvalidArgumentError, type RemoteObject } from '../../client/index.js';
import { fresh, suite } from './support.js';
import type { Target } from './target.js';
import type { Account, Echo, Vault } from './types/registered.js';

/** Names that every object has, or that a class keeps for itself. */
const HOSTILE = [
  'constructor',
  '__proto__',
  'prototype',
  '__defineGetter__',
  '__lookupGetter__',
  'hasOwnProperty',
  'isPrototypeOf',
  'toString',
  'toLocaleString',
  'valueOf',
  'caller',
  'arguments',
  '#balance',
  '_audit',
  'secret',
  '',
  ' ',
  'balance ',
  'Balance',
  'balance()',
  'deposit.constructor',
  'Symbol(Symbol.asyncDispose)',
  '@@iterator',
  'x'.repeat(100_000),
  '\u0000',
];

/** Only the exposed methods of a class can be called. */
export function objectExposureSuite(target: Target): void {
  suite(target, 'object: exposure', (clients) => {
    /** The object without its type. */
    const untyped = (object: RemoteObject<Account> | RemoteObject<Vault> | RemoteObject<Echo>): RemoteObject => object as RemoteObject;

    it.each(HOSTILE.map((name) => [name.slice(0, 40), name]))('does not reach "%s"', async (_, name) => {
      const account = clients.one.object<Account>('Account', fresh('object'), 5);
      for (const args of [[], ['x'], [() => 1].slice(1)]) {
        await expect(untyped(account).call(name, args)).rejects.toBeInstanceOf(InvalidArgumentError);
      }
      expect(await account.balance()).toBe(5);
    });

    it('the error for any other name lists the exposed ones', async () => {
      const refused = untyped(clients.one.object<Account>('Account', fresh('object'))).call('balence');
      await expect(refused).rejects.toThrow(
        /the type "Account" exposes no "balence", but balance, holder, deposit, withdraw, transfer, split; fields only/,
      );
    });

    it('exposes no fields of an instance', async () => {
      await expect(untyped(clients.one.object<Account>('Account', fresh('object'), 1, 'Ada')).call('owner')).rejects.toBeInstanceOf(
        InvalidArgumentError,
      );
    });

    it('exposes the names in `exposed` and nothing else, `_` or not (Python: test_mymanager, exposed)', async () => {
      const vault = clients.one.object<Vault>('Vault', fresh('object'));
      expect(await vault.call('_open')).toBe('open');
      expect(await vault.level()).toBe(3);
      expect(await vault.greet('Ada')).toBe('hello Ada');
      for (const name of ['close', 'hidden', 'exposed']) {
        await expect(untyped(vault).call(name)).rejects.toBeInstanceOf(InvalidArgumentError);
      }
      expect(await untyped(vault).call('missing')).toBeUndefined();
    });

    it('does not take the name of an object for a member of the prototype', async () => {
      for (const name of ['__proto__', 'constructor', 'toString']) {
        const odd = clients.one.object<Account>('Account', `${fresh('object')} ${name}`, 2);
        expect(await odd.balance()).toBe(2);
      }
    });

    it('treats names in data as data', async () => {
      const echo = clients.one.object<Echo>('Echo', fresh('object'));
      const hostile = JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}') as object;
      const back = await echo.first(hostile);
      expect(Object.keys(back as object)).toEqual(['__proto__', 'constructor']);
      expect(({} as { polluted?: number }).polluted).toBeUndefined();
      expect(await echo.describe({})).toBe('Object');
    });
  });
}
