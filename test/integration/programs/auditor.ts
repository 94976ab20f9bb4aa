import { Manager } from 'commonhold';
import type { Bank } from './bank.js';

/** The state of all accounts at one moment, as an auditor read it. */
export interface Audit {
  readonly balances: Record<string, number>;
  /** Number of transfers so far. */
  readonly transfers: number;
  /** True if the auditor began again because the accounts changed while it read them. */
  readonly repeated: boolean;
}

/**
 * Takes consistent snapshots of the accounts, which it reads one by one: at least this many, until money moved between two of them and
 * during one.
 */
export default async function (bank: Bank, pictures: number): Promise<Audit[]> {
  await using manager = await Manager.connect();
  const audits: Audit[] = [];
  const moved = (): boolean =>
    audits.some(({ repeated }) => repeated) && audits.some(({ transfers }) => transfers !== audits[0]!.transfers);
  while (audits.length < pictures || !moved()) audits.push(await audit(manager, bank));
  return audits;
}

async function audit(manager: Manager, bank: Bank): Promise<Audit> {
  const first = await read(manager, bank);
  if (first !== undefined) return { ...first, repeated: false };
  // The tellers may be so quick that money always moves meanwhile.
  const desks = await bank.desks.acquire({ permits: bank.tellers });
  const second = await read(manager, bank);
  await desks.release();
  if (second === undefined) throw new Error('money moved without a teller');
  return { ...second, repeated: true };
}

/** Reads the accounts one by one; undefined if money moved meanwhile. */
async function read(manager: Manager, { accounts, count, names }: Bank): Promise<Omit<Audit, 'repeated'> | undefined> {
  const transfers = await count.get();
  const balances: Record<string, number> = {};
  for (const name of names) balances[name] = (await accounts.get(name))!;
  const batch = manager.atomic().check(count, transfers);
  for (const [name, balance] of Object.entries(balances)) batch.check(accounts, name, balance);
  return (await batch.commit()).ok ? { balances, transfers } : undefined;
}
