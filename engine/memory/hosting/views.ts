import {
  ManagerService,
  type ManagerServiceLocksRequest,
  type ManagerServiceLocksResponse,
  type ObjectInfo,
} from '../../../proto/gen/commonhold/v1/manager_wire.js';
import type { Clock } from '../../core/clock.js';
import { Future } from '../../core/future.js';
import { ForwardedObject } from './forwarded-object.js';
import type { HostSession } from './host-session.js';
import type { HostSessions } from './host-sessions.js';
import type { SharedObject } from '../lifetime/keyspace.js';

/** Adds the description by the home to the manager's own. */
export function describedAtHome(object: SharedObject, known: ObjectInfo): ObjectInfo | Future<ObjectInfo> {
  if (!(object instanceof ForwardedObject)) return known;
  return object.link.describe(object).then((there) => {
    if (there === undefined) return known;
    const { size, bytes, holders, waiters, options } = there;
    return { ...known, size, bytes, holders, waiters, options };
  });
}

/** Returns a page of the locks in the manager and in all homes. */
export function locksEverywhere(
  clock: Clock,
  homes: HostSessions,
  request: ManagerServiceLocksRequest,
  here: ManagerServiceLocksResponse,
): Future<ManagerServiceLocksResponse> {
  return Future.all(
    clock,
    Array.from(homes.all, (home) => locksOf(home, request)),
  ).then((there) => onePage([here, ...there]));
}

function onePage(pages: readonly ManagerServiceLocksResponse[]): ManagerServiceLocksResponse {
  // A page may have locks beyond the end of another page. They come with the next page.
  const [end = ''] = pages
    .map(({ nextPageToken }) => nextPageToken)
    .filter((token) => token !== '')
    .sort(byText);
  const locks = pages.flatMap((page) => page.locks).filter(({ name }) => end === '' || name <= end);
  return { locks: locks.sort((a, b) => byText(a.name, b.name)), nextPageToken: end };
}

/** Returns the locks of the objects that this home holds for the manager. Its process may have other locks. */
function locksOf(
  home: HostSession,
  request: ManagerServiceLocksRequest,
): ManagerServiceLocksResponse | Future<ManagerServiceLocksResponse> {
  if (home.objects.size === 0) return NO_LOCKS;
  return home.ask(ManagerService.methods.locks, request).then((answer) => {
    if (answer === undefined) return NO_LOCKS;
    const { locks, nextPageToken } = answer;
    const names = new Set([...home.objects].map(({ name }) => name));
    return { locks: locks.filter(({ name }) => names.has(name)), nextPageToken };
  });
}

const NO_LOCKS: ManagerServiceLocksResponse = { locks: [], nextPageToken: '' };

function byText(a: string, b: string): number {
  return a < b ? -1 : 1;
}
