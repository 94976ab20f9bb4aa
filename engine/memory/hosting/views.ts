import {
  ManagerService,
  type ManagerServiceLocksRequest,
  type ManagerServiceLocksResponse,
  type ObjectInfo,
} from '../../../proto/gen/commonhold/v1/manager_wire.js';
import { ForwardedObject } from './forwarded-object.js';
import type { HostSession } from './host-session.js';
import type { HostSessions } from './host-sessions.js';
import type { SharedObject } from '../lifetime/keyspace.js';

/** What is known here of an object, with what its home says of it. */
export async function describedAtHome(object: SharedObject, known: ObjectInfo): Promise<ObjectInfo> {
  if (!(object instanceof ForwardedObject)) return known;
  const there = await object.link.describe(object);
  if (there === undefined) return known;
  const { size, bytes, holders, waiters, options } = there;
  return { ...known, size, bytes, holders, waiters, options };
}

/** A page of the locks that are held here and in all homes. */
export async function locksEverywhere(
  homes: HostSessions,
  request: ManagerServiceLocksRequest,
  here: ManagerServiceLocksResponse,
): Promise<ManagerServiceLocksResponse> {
  const pages = [here, ...(await Promise.all([...homes.all].map((home) => locksOf(home, request))))];
  // Where one page ends, others may go on with what comes before its next one.
  const [end = ''] = pages
    .map(({ nextPageToken }) => nextPageToken)
    .filter((token) => token !== '')
    .sort(byText);
  const locks = pages.flatMap((page) => page.locks).filter(({ name }) => end === '' || name <= end);
  return { locks: locks.sort((a, b) => byText(a.name, b.name)), nextPageToken: end };
}

/** The locks of what is at home there: its process may have others. */
async function locksOf(home: HostSession, request: ManagerServiceLocksRequest): Promise<ManagerServiceLocksResponse> {
  const answer = home.objects.size > 0 ? await home.ask(ManagerService.methods.locks, request) : undefined;
  if (answer === undefined) return { locks: [], nextPageToken: '' };
  const { locks, nextPageToken } = answer;
  const names = new Set([...home.objects].map(({ name }) => name));
  return { locks: locks.filter(({ name }) => names.has(name)), nextPageToken };
}

function byText(a: string, b: string): number {
  return a < b ? -1 : 1;
}
