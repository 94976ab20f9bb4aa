import { expect, it } from '@jest/globals';
import { ManagerError, RemoteError, type RemoteObject } from '../../client/index.js';
import { collect, fresh, suite } from './support.js';
import type { Target } from './target.js';
import type { Account, Trouble } from './types/registered.js';

/** Errors in the code of a registered type. */
export function objectErrorSuite(target: Target): void {
  suite(target, 'object: errors', (clients) => {
    const trouble = (): RemoteObject<Trouble> => clients.one.object<Trouble>('Trouble', fresh('object'));
    const failure = async (call: Promise<unknown>): Promise<RemoteError & { cause: Error }> => {
      const error: unknown = await call.catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(RemoteError);
      return error as RemoteError & { cause: Error };
    };

    it('the error of a method keeps the name of its class, message, code, stack and cause (Python: test_mymanager, ValueError)', async () => {
      const account = clients.one.object<Account>('Account', fresh('object'), 5);
      const error = await failure(account.withdraw(6));
      expect(error).toBeInstanceOf(ManagerError);
      expect(error).toBeInstanceOf(Error);
      expect(error).toMatchObject({
        name: 'FundsError',
        message: '6 are more than 5',
        code: 'E_FUNDS',
        object: account.name,
        retryable: false,
        mayHaveExecuted: true,
      });
      expect(error.cause).toMatchObject({ name: 'FundsError', message: '6 are more than 5', code: 'E_FUNDS' });
      expect(error.cause.stack).toMatch(/Account\.withdraw .*registered/);
      expect(error.cause.cause).toMatchObject({ name: 'Error', message: 'too greedy' });
      expect(await account.balance()).toBe(5);
    });

    it('so does the rejection of an async method', async () => {
      const error = await failure(trouble().later());
      expect(error).toMatchObject({ name: 'FundsError', message: 'later', code: 'E_LATER' });
      expect(error.cause.stack).toMatch(/Trouble\.later/);
    });

    it('so does the error of a constructor, and no object is made', async () => {
      const account = clients.one.object<Account>('Account', fresh('object'), -1);
      for (const call of [account.balance(), account.create(), account.deposit(1)]) {
        expect(await failure(call)).toMatchObject({ name: 'FundsError', message: 'an account cannot begin with -1', code: 'E_NEGATIVE' });
      }
      expect(await account.exists()).toBe(false);
      expect(await clients.two.object<Account>('Account', account.name, 1).balance()).toBe(1);
    });

    it('an error keeps a name and a numeric code of its own', async () => {
      expect(await failure(trouble().throwNumbered())).toMatchObject({ name: 'Numbered', message: 'numbered', code: 404 });
    });

    it('an error without a code has the default code of its class', async () => {
      expect(await failure(trouble().throwLong())).toMatchObject({ name: 'Error', code: 'REMOTE' });
    });

    it('an error of Node keeps its code and message', async () => {
      expect(await failure(trouble().throwNode())).toMatchObject({ name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' });
    });

    it('any other thrown value becomes an error with its text', async () => {
      expect(await failure(trouble().throwText())).toMatchObject({ name: 'Error', message: 'just a text', code: 'REMOTE' });
      expect(await failure(trouble().throwNull())).toMatchObject({ name: 'Error', message: 'null', code: 'REMOTE' });
      expect(await failure(trouble().throwUnreadable())).toMatchObject({ name: 'Error', message: 'what was thrown cannot be read' });
    });

    it('a very long message is cut', async () => {
      const { message, cause } = await failure(trouble().throwLong());
      expect(message.length).toBeLessThan(20_000);
      expect(cause.stack!.length).toBeLessThan(20_000);
    });

    it('passes through another object unchanged', async () => {
      const thrown = await failure(clients.one.object<Account>('Account', fresh('object')).withdraw(1));
      const queue = clients.one.queue<unknown>(fresh('queue'));
      await queue.put(thrown);
      const got = await clients.two.queue<RemoteError & { cause: Error }>(queue.name).get();
      expect(got).toBeInstanceOf(RemoteError);
      expect(got).toMatchObject({ name: 'FundsError', message: thrown.message, code: 'E_FUNDS', mayHaveExecuted: true });
      expect(got.cause).toMatchObject({ name: 'FundsError', code: 'E_FUNDS', stack: thrown.cause.stack });
    });

    it.each(['giveFunction', 'giveGenerator', 'giveRhombus', 'giveBadThenable'] as const)(
      'a result that cannot be encoded is an error that names the place (%s), and makes no object (Python: RemoteError)',
      async (member) => {
        // By name: objects of other tests may end meanwhile.
        const names = async () => (await collect(clients.one.objects())).map(({ name }) => name);
        const before = new Set(await names());
        const made = trouble();
        const error = await failure((made as RemoteObject).call(member));
        expect(error.code).toBe('REMOTE');
        if (member !== 'giveBadThenable') expect(error.message).toContain(`the result of "${member}" of the type "Trouble" cannot be sent`);
        expect((await names()).filter((name) => !before.has(name))).toEqual([made.name]);
        await made.destroy();
      },
    );

    it('a thenable is awaited like a promise', async () => {
      expect(await trouble().giveThenable()).toBe(7);
    });
  });
}
