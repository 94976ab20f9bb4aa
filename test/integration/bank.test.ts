import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Manager } from 'commonhold';
import { fresh, range } from '../conformance/support.js';
import { stress } from '../support/stress.js';
import type { Bank, Transfer } from './programs/bank.js';

// Money moved between accounts by atomic batches, from several processes at once, while others look: none is
// made or lost, and nobody sees any on its way.

const TELLER = new URL('./programs/teller.js', import.meta.url);
const AUDITOR = new URL('./programs/auditor.js', import.meta.url);

const ACCOUNTS = ['ada', 'bob', 'cyd', 'dan', 'eve', 'fay'];
const BEGINNING = 100;
const TOTAL = ACCOUNTS.length * BEGINNING;
const TELLERS = 3;
const TRANSFERS = stress(40, 100);
const AUDITORS = 2;
const PICTURES = stress(15, 25);

let manager: Manager;

beforeAll(async () => {
  manager = await Manager.start();
});

afterAll(() => manager.close());

function total(balances: Iterable<number>): number {
  return [...balances].reduce((sum, balance) => sum + balance, 0);
}

/** The accounts after each transfer, the beginning first. */
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

test('transfers by atomic batches of three processes keep the total at every moment that anybody can see', async () => {
  const bank: Bank = {
    names: ACCOUNTS,
    accounts: manager.dict(fresh('accounts')),
    ledger: manager.list(fresh('ledger')),
    count: manager.value(fresh('count'), 0),
    closing: manager.event(fresh('closing')),
  };
  await bank.accounts.setMany(ACCOUNTS.map((name) => [name, BEGINNING]));
  await bank.count.create();

  const shifts = range(0, TELLERS).map((teller) => manager.fork<typeof import('./programs/teller.js')>(TELLER, bank, teller, TRANSFERS));
  const auditing = range(0, AUDITORS).map(() => manager.fork<typeof import('./programs/auditor.js')>(AUDITOR, bank, PICTURES));
  // What toMap() gives is of one moment, whoever writes meanwhile.
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

  // Each picture is the one that the ledger tells of that moment: not only its total is right.
  const ledger = await bank.ledger.toArray();
  const moments = history(ledger);
  for (const { balances, transfers } of audits) expect(balances).toEqual(moments[transfers]);
  expect(Object.fromEntries(await bank.accounts.toMap())).toEqual(moments.at(-1));
  expect(moments.flatMap((balances) => Object.values(balances)).every((balance) => balance >= 0)).toBe(true);

  // Each transfer is in the ledger once, and was told to the one who made it.
  expect(ledger.length).toBe(await bank.count.get());
  expect(range(0, TELLERS).map((teller) => ledger.filter((entry) => entry.teller === teller).length)).toEqual(done);
  for (const transfers of done) expect(transfers).toBeGreaterThanOrEqual(TRANSFERS);
});
