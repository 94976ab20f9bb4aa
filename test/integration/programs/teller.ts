import { randomInt } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Manager } from 'commonhold';
import type { Bank, Transfer } from './bank.js';

/** Moves money from account to account until the bank closes, but at least `atLeast` times. Returns the number of transfers. */
export default async function (bank: Bank, teller: number, atLeast: number): Promise<number> {
  await using manager = await Manager.connect();
  let transfers = 0;
  while (transfers < atLeast || !(await bank.closing.isSet())) {
    const desk = await bank.desks.acquire();
    if (await transfer(manager, bank, teller)) transfers++;
    await desk.release();
    await pause(randomInt(4));
  }
  return transfers;
}

/** One transfer of a part of an account, or nothing if another teller came between. */
async function transfer(manager: Manager, { accounts, ledger, count, names }: Bank, teller: number): Promise<boolean> {
  const from = names[randomInt(names.length)]!;
  const to = names[(names.indexOf(from) + 1 + randomInt(names.length - 1)) % names.length]!;
  const [source, target] = await Promise.all([accounts.get(from), accounts.get(to)]);
  const amount = randomInt(source! + 1);
  const entry: Transfer = { from, to, amount, teller };
  const { ok } = await manager
    .atomic()
    .check(accounts, from, source)
    .check(accounts, to, target)
    .set(accounts, from, source! - amount)
    .set(accounts, to, target! + amount)
    .push(ledger, entry)
    .add(count, 1)
    .commit();
  return ok;
}
