import type { Handlers } from '../../../proto/contract.js';
import { NotFoundError } from '../../../proto/errors.js';
import { isAnonymous } from '../../../proto/name.js';
import type { ManagerService, ObjectInfo } from '../../../proto/gen/commonhold/v1/manager_wire.js';
import { PROTOCOL, VERSION } from '../../../proto/version.js';
import { missing } from '../../core/missing.js';
import { pageSize } from '../../core/page.js';
import { pattern } from '../../core/pattern.js';
import type { ObjectView } from '../objects/object-view.js';
import type { Objects } from '../objects/objects.js';
import { unoffered } from '../objects/unoffered.js';

/** Returns the handlers for the arena itself: its data, and its list of objects. */
export function managerHandlers(objects: Objects): Handlers<typeof ManagerService> {
  const { thread } = objects.surroundings;
  return {
    info: () => ({
      version: VERSION,
      protocol: PROTOCOL,
      engine: 'shared',
      pid: process.pid,
      uptimeMs: process.uptime() * 1000,
      maxMessageBytes: thread.region.size,
    }),

    expire({ name }) {
      throw unoffered('a time to live', name);
    },

    claim({ name }) {
      if (isAnonymous(name)) objects.claim(name);
      return {};
    },

    dismiss({ name }) {
      objects.dismiss(name);
      return {};
    },

    listObjects({ kind, match, pageToken, pageSize: asked }) {
      const wanted = pattern(match);
      const found = [...objects.all()]
        .filter((object) => (kind === '' || object.kind === kind) && wanted(object.name) && object.name > pageToken)
        .sort((a, b) => (a.name < b.name ? -1 : 1));
      const page = found.slice(0, pageSize(asked));
      const infos = page.map((object) => ifThere(() => describe(object))).filter((info) => info !== undefined);
      return { objects: infos, nextPageToken: page.length < found.length ? page.at(-1)!.name : '' };
    },

    describe({ name }) {
      const object = objects.any(name);
      if (object === undefined) throw missing(name);
      return { object: describe(object) };
    },

    locks() {
      throw unoffered('a wait-for graph');
    },

    listSessions() {
      throw unoffered('a list of sessions');
    },

    listSlowCalls() {
      throw unoffered('a list of slow calls');
    },

    dump() {
      throw unoffered('a dump');
    },

    destroy({ name, kind }) {
      return { destroyed: objects.destroy(name, kind) };
    },

    stats() {
      const { rss, heapUsed } = process.memoryUsage();
      const all = [...objects.all()];
      return {
        version: VERSION,
        uptimeMs: process.uptime() * 1000,
        engine: 'shared',
        objects: all.length,
        bytes: thread.usage().used,
        waiters: all.reduce((sum, object) => sum + object.waiters, 0),
        watches: 0,
        heldLocks: all.reduce((sum, object) => sum + (ifThere(() => object.holders().length) ?? 0), 0),
        sessions: 0,
        callsInFlight: 0,
        callsTotal: 0,
        keptAnswers: 0,
        limits: [],
        residentBytes: rss,
        heapBytes: heapUsed,
      };
    },
  };
}

/** Reads from an object, which another thread can destroy at any time. Returns undefined if it did. */
function ifThere<R>(read: () => R): R | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
}

function describe(object: ObjectView): ObjectInfo {
  return {
    kind: object.kind,
    name: object.name,
    size: object.size,
    bytes: object.bytes,
    ageMs: 0,
    holders: object.holders(),
    waiters: object.waiters,
    options: object.options(),
    expiresInMs: undefined,
  };
}
