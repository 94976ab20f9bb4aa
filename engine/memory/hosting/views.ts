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

/** Adds the description by the home to the manager's own. */
export async function describedAtHome(object: SharedObject, known: ObjectInfo): Promise<ObjectInfo> {
  if (!(object instanceof ForwardedObject)) return known;
  const there = await object.link.describe(object);
  if (there === undefined) return known;
  const { size, bytes, holders, waiters, options } = there;
  return { ...known, size, bytes, holders, waiters, options };
}

/** Returns a page of the locks held in the manager and in all homes. */
export async function locksEverywhere(
  homes: HostSessions,
  request: ManagerServiceLocksRequest,
  here: ManagerServiceLocksResponse,
): Promise<ManagerServiceLocksResponse> {
  const pages = [here, ...(await Promise.all([...homes.all].map((home) => locksOf(home, request))))];
  // A page may have locks beyond the end of another page. They come with the next page.
  const [end = ''] = pages
    .map(({ nextPageToken }) => nextPageToken)
    .filter((token) => token !== '')
    .sort(byText);
  const locks = pages.flatMap((page) => page.locks).filter(({ name }) => end === '' || name <= end);
  return { locks: locks.sort((a, b) => byText(a.name, b.name)), nextPageToken: end };
}

/** Returns the locks of the objects that this home holds for the manager. Its process may have other locks. */
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
