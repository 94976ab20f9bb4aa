import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Manager } from 'commonhold';
import { fresh, range } from '../conformance/support.js';
import { stress } from '../support/stress.js';
import type { Bank, Transfer } from './programs/bank.js';

// Several processes move money between accounts by atomic batches, while others read: none is made or lost, and no reader sees any on its
// way.

const TELLER = new URL('./programs/teller.js', import.meta.url);
const AUDITOR = new URL('./programs/auditor.js', import.meta.url);

const ACCOUNTS = ['ada', 'bob', 'cyd', 'dan', 'eve', 'fay'];
const BEGINNING = 100;
const TOTAL = ACCOUNTS.length * BEGINNING;
const TELLERS = 3;
const TRANSFERS = stress(10, 100);
const AUDITORS = 2;
const PICTURES = stress(5, 25);

let manager: Manager;

beforeAll(async () => {
  manager = await Manager.start();
});

afterAll(() => manager.close());

function total(balances: Iterable<number>): number {
  return [...balances].reduce((sum, balance) => sum + balance, 0);
}

/** The accounts after each transfer, beginning with their initial state. */
function history(ledger: readonly Transfer[]): Record<string, number>[] {
  const balances = Object.fromEntries(ACCOUNTS.map((name) => [name, BEGINNING]));
  return [
    { ...balances },
    ...ledger.map(({ from, to, amount }) => {
      balances[from]! -= amount;
      balances[to]! += amount;
      return { ...balances };
    }),
  ];
}

test('transfers by atomic batches of three processes keep the total in every consistent read', async () => {
  const bank: Bank = {
    names: ACCOUNTS,
    accounts: manager.dict(fresh('accounts')),
    ledger: manager.list(fresh('ledger')),
    count: manager.value(fresh('count'), 0),
    desks: manager.semaphore(fresh('desks'), TELLERS),
    tellers: TELLERS,
    closing: manager.event(fresh('closing')),
  };
  await bank.accounts.setMany(ACCOUNTS.map((name) => [name, BEGINNING]));
  await bank.count.create();

  const shifts = range(0, TELLERS).map((teller) => manager.fork<typeof import('./programs/teller.js')>(TELLER, bank, teller, TRANSFERS));
  const auditing = range(0, AUDITORS).map(() => manager.fork<typeof import('./programs/auditor.js')>(AUDITOR, bank, PICTURES));
  // toMap() returns a snapshot of one moment beside any writers.
  let audited = false;
  const watching = (async (): Promise<number[]> => {
    const totals: number[] = [];
    while (!audited || totals.length < PICTURES) totals.push(total((await bank.accounts.toMap()).values()));
    return totals;
  })();
  const audits = (await Promise.all(auditing.map(({ result }) => result))).flat();
  audited = true;
  const totals = await watching;
  await bank.closing.set();
  const done = await Promise.all(shifts.map(({ result }) => result));

  expect(new Set(totals)).toEqual(new Set([TOTAL]));
  expect(audits.map(({ balances }) => total(Object.values(balances)))).toEqual(audits.map(() => TOTAL));

  // Each snapshot equals the accounts that the ledger has for that moment, not only their total.
  const ledger = await bank.ledger.toArray();
  const moments = history(ledger);
  for (const { balances, transfers } of audits) expect(balances).toEqual(moments[transfers]);
  expect(Object.fromEntries(await bank.accounts.toMap())).toEqual(moments.at(-1));
  expect(moments.flatMap((balances) => Object.values(balances)).every((balance) => balance >= 0)).toBe(true);

  // Each transfer is in the ledger once, and was confirmed to the teller that made it.
  expect(ledger.length).toBe(await bank.count.get());
  expect(range(0, TELLERS).map((teller) => ledger.filter((entry) => entry.teller === teller).length)).toEqual(done);
  for (const transfers of done) expect(transfers).toBeGreaterThanOrEqual(TRANSFERS);
});
