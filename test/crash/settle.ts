import type { Manager } from '../../client/connect/manager.js';
import { audit, auditIdle } from '../simulation/audit.js';
import { until } from '../support/until.js';
import type { CrashClient } from './client.js';
import type { Life } from './lives.js';
import type { Load } from './load.js';
import type { Stalls } from './stalls.js';
import type { CrashWorld } from './world.js';

/** Time after which the users of a world do not come to an end any more, in milliseconds. */
const LONGEST_END_MS = 120_000;

/** Lets all users end, and reads all that is left. */
export async function settle(world: CrashWorld, load: Load): Promise<void> {
  try {
    await endOf(world, load);
    await sessionsOfTheDead(world);
    await auditIdle(world, world.connect());
    for (const client of world.clients) if (!client.closed) await leave(client);
    const auditor = world.connect();
    await anonymousObjects(auditor.manager);
    await audit(world, auditor, world.orphans);
  } catch (error) {
    world.violated(`the world does not come to its end: ${(error as Error).stack}`);
  }
}

/** Lets all users end, and looks for the items of the journal that were lost. Returns their ages. */
export async function checkLosses(
  world: CrashWorld,
  load: Load,
  lives: readonly Life[],
  stalls: Stalls | undefined,
): Promise<readonly number[]> {
  await load.end();
  const left = await world.connect().manager.list<number>('journal').toArray();
  const stallOf = stalls && ((from: number, to: number) => stalls.longest(from, to));
  const { violations, losses } = load.journal.check(left, lives, stallOf);
  for (const violation of violations) world.violated(violation);
  return losses;
}

/** Resolves when all users are done. */
async function endOf({ history }: CrashWorld, load: Load): Promise<void> {
  let done = false;
  const end = load.end().then(() => (done = true));
  const pending = (): string[] =>
    history.calls.flatMap(({ outcome, object, what, client }) => (outcome === 'pending' ? `${object} ${what} of ${client.loop.name}` : []));
  await until('all users are done', () => done, LONGEST_END_MS).catch((cause: unknown) => {
    throw new Error(`calls never end: ${pending().join(', ')}`, { cause });
  });
  await end;
}

/** Resolves when the sessions of the processes that were killed have ended. */
async function sessionsOfTheDead({ clients, orphans }: CrashWorld): Promise<void> {
  const { manager } = clients[0]!;
  const ended = async (): Promise<boolean> => (await manager.stats()).sessions <= clients.length + orphans;
  await until('the sessions of dead processes have ended', ended, LONGEST_END_MS);
}

/** Closes a client once it is connected again: it could not tell the daemon otherwise, which would keep its session for the rest of the lease. */
async function leave(client: CrashClient): Promise<void> {
  await client.manager.stats();
  await client.close();
}

/** Resolves when the objects without names have ended that sessions kept for a while, as references to them may have been on their way. */
async function anonymousObjects(manager: Manager): Promise<void> {
  await manager.dict('references').clear();
  const ended = async (): Promise<boolean> => {
    for await (const { name } of manager.objects()) if (name.startsWith('~')) return false;
    return true;
  };
  await until('no object without a name is left', ended, LONGEST_END_MS);
}
