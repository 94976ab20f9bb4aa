import type { CallContext, Handlers } from '../../proto/contract.js';
import { isAnonymous } from '../../proto/name.js';
import { mapAnswer } from '../../proto/thenable.js';
import {
  ManagerService,
  type LimitUse,
  type ObjectInfo,
  type SessionInfo,
  type SlowCall,
} from '../../proto/gen/commonhold/v1/manager_wire.js';
import type { Method } from '../../proto/wire/codec.js';
import { describedAtHome, locksEverywhere } from './hosting/views.js';
import type { Dumps } from './dumping/dumps.js';
import type { HostSessions } from './hosting/host-sessions.js';
import { type Keyspace, type SharedObject } from './lifetime/keyspace.js';
import { NamePage } from './name-page.js';
import { busyLocks } from './locking/locks.js';
import type { Preparation, Prepare } from './locking/long-calls.js';
import { pageSize } from '../core/page.js';
import { pattern, searches, tested } from '../core/pattern.js';
import { mayRead } from '../core/rights.js';
import { Future } from '../core/future.js';
import type { EngineLimits } from '../core/limits.js';
import type { Steps } from '../core/steps.js';
import type { System } from '../core/system.js';

/** The process around an engine. */
export interface Host {
  readonly limits: Readonly<EngineLimits>;
  /** True if the manager goes on with its objects after a restart. */
  readonly durable?: boolean;
  readonly system: System;
  program(): Program;
  traffic(): Traffic;
  /** The last calls that took long, latest first. @param before only those with a lower number @param most how many */
  slowCalls(before: number, most: number): readonly SlowCall[];
  /** The open sessions by their numbers, oldest first. */
  sessions(): Iterable<readonly [number: number, () => SessionInfo]>;
}

/** The program that a manager runs in. */
export interface Program {
  readonly version: string;
  readonly protocol: number;
  readonly pid: number;
}

/** The clients of a manager, and its service to them. */
export interface Traffic {
  /** Number of open sessions. */
  readonly sessions: number;
  /** Number of their waiting calls. */
  readonly callsInFlight: number;
  /** Number of all calls ever made. */
  readonly callsTotal: number;
  /** Number of answers that are kept for their clients. */
  readonly keptAnswers: number;
  /** The reason why the manager only reads. */
  readonly logFailure?: string | undefined;
  /** The limits of the server. */
  readonly limits: readonly LimitUse[];
}

export function managerHandlers(
  keyspace: Keyspace,
  homes: HostSessions,
  dumps: Dumps,
  engine: string,
  host: Host,
): Handlers<typeof ManagerService> {
  return {
    info: () => ({
      ...host.program(),
      engine,
      uptimeMs: host.system.uptimeMs(),
      maxMessageBytes: host.limits.maxMessageBytes,
    }),

    expire({ name, kind, ttlMs }) {
      keyspace.expire(name, kind, ttlMs);
      return {};
    },

    claim({ name }, context) {
      if (isAnonymous(name)) keyspace.anonymous.claim(keyspace.anonymous.node(name), context.session);
      return {};
    },

    dismiss({ name, received }, context) {
      keyspace.anonymous.dismiss(name, context.session, received);
      return mapAnswer(keyspace.anonymous.settled(), () => ({}));
    },

    listObjects({ kind, match, pageToken, pageSize: asked }, context) {
      const { rights } = context.session;
      const wanted = testOf(match, context);
      const isWanted = (object: SharedObject): boolean =>
        (kind === '' || object.kind === kind) && wanted(object.name) && mayRead(rights, object.name);
      const page = new NamePage(pageToken, pageSize(asked), isWanted);
      for (const object of keyspace.objects.values()) page.offer(object);
      const { objects, nextPageToken } = page.end();
      const infos = objects.map((object) => describe(keyspace, object));
      if (!homes.any) return { objects: infos, nextPageToken };
      const whole = objects.map((object, index) => describedAtHome(object, infos[index]!));
      return Future.all(keyspace.clock, whole).then((objects) => ({ objects, nextPageToken }));
    },

    describe({ name }) {
      const object = keyspace.get(name);
      if (object === undefined) throw homes.missing(name);
      const info = describe(keyspace, object);
      return mapAnswer(describedAtHome(object, info), (object) => ({ object }));
    },

    locks(request, context) {
      const { match, pageToken, pageSize: asked } = request;
      const { rights } = context.session;
      const wanted = testOf(match, context);
      const objects = [...keyspace.objects.values()].filter(({ name }) => wanted(name) && name > pageToken && mayRead(rights, name));
      const here = busyLocks(objects, keyspace.clock.now, pageSize(asked));
      if (!homes.any) return here;
      return locksEverywhere(keyspace.clock, homes, request, here).then(({ locks, nextPageToken }) => ({
        locks: locks.filter(({ name }) => mayRead(rights, name)),
        nextPageToken,
      }));
    },

    destroy({ name, kind }) {
      homes.forget(name);
      return { destroyed: keyspace.destroy(name, kind) };
    },

    dump({ pageToken, leave }, { session }) {
      if (leave) return dumps.leave(pageToken, session);
      return pageToken === '' ? dumps.first(session) : dumps.next(pageToken, session);
    },

    listSessions({ pageToken, pageSize: asked }, { session: { rights } }) {
      const sessions: SessionInfo[] = [];
      const most = pageSize(asked);
      let last = 0;
      for (const [number, info] of host.sessions()) {
        if (number <= Number(pageToken)) continue;
        if (sessions.length === most) return { sessions, nextPageToken: String(last) };
        last = number;
        const session = info();
        if (rights === undefined || rights.token === session.token) sessions.push(session);
      }
      return { sessions, nextPageToken: '' };
    },

    listSlowCalls({ pageToken, pageSize: asked }, { session: { rights } }) {
      const most = pageSize(asked);
      const found = host.slowCalls(pageToken === '' ? Infinity : Number(pageToken), most);
      const isOwn = (token: string | undefined): boolean => rights === undefined || rights.token === token;
      const calls = found.filter(({ object, token }) => isOwn(token) || (object !== '' && mayRead(rights, object)));
      return { calls, nextPageToken: found.length < most ? '' : String(found.at(-1)!.number) };
    },

    stats() {
      const objects = [...keyspace.objects.values()];
      const watched = [...objects, ...keyspace.histories.allEnded()];
      const { size: followers } = keyspace.followers;
      const traffic = host.traffic();
      return {
        version: host.program().version,
        uptimeMs: host.system.uptimeMs(),
        engine,
        objects: objects.length,
        bytes: objects.reduce((sum, object) => sum + object.bytes, 0),
        waiters: watched.reduce((sum, each) => sum + each.waiters, followers),
        watches: watched.reduce((sum, each) => sum + each.watches, followers),
        heldLocks: objects.reduce((sum, object) => sum + object.holders().length, 0),
        ...traffic,
        ...host.system.memory(),
        limits: [...keyspace.use.uses, ...traffic.limits],
      };
    },
  };
}

/** Number of names that are tested at once, which takes some milliseconds for the longest names and the slowest pattern. */
const SOON_TESTED = 1024;

/** The work that goes before long calls. No call waits for it: it belongs to no object, and the names are tested, whatever becomes of the objects. */
export function managerPreparations(keyspace: Keyspace): [Method, Prepare][] {
  const test = ({ match, pageToken }: { readonly match: string; readonly pageToken: string }): Preparation | undefined => {
    if (keyspace.objects.size <= SOON_TESTED || !searches(match)) return undefined;
    return { objects: [], steps: testedAfter(keyspace, match, pageToken) };
  };
  const { listObjects, locks } = ManagerService.methods;
  return [
    [listObjects, test],
    [locks, test],
  ];
}

function* testedAfter({ objects }: Keyspace, match: string, pageToken: string): Steps {
  return yield* tested(
    match,
    Array.from(objects.keys()).filter((name) => name > pageToken),
  );
}

/** Returns the test of names, which may have been made ahead. */
function testOf(match: string, { prepared }: CallContext): (name: string) => boolean {
  return (prepared as ((name: string) => boolean) | undefined) ?? pattern(match);
}

function describe(keyspace: Keyspace, object: SharedObject): ObjectInfo {
  return {
    kind: object.kind,
    name: object.name,
    size: object.size,
    bytes: object.bytes,
    ageMs: Math.round(keyspace.clock.now - object.createdAt),
    holders: object.holders(),
    waiters: object.waiters,
    options: object.options(),
    expiresInMs: keyspace.remaining(object.name),
    home: object.home,
  };
}
