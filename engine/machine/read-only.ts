import { ListService } from '../../proto/gen/commonhold/v1/list_wire.js';
import { ManagerService } from '../../proto/gen/commonhold/v1/manager_wire.js';
import { isOpener, methods } from '../../proto/methods.js';
import type { Method } from '../../proto/wire/codec.js';

/**
 * Methods that change nothing but what the session has: by the first two it says what it refers to, which reading a value with references needs; a
 * dump is kept for it between two pages.
 */
const OF_SESSION: readonly Method[] = [ManagerService.methods.claim, ManagerService.methods.dismiss, ManagerService.methods.dump];

/** Returns true for a method that a machine takes which only reads. The engine then makes no objects, so openers only find objects. */
export function onlyReads(method: Method): boolean {
  return method.idempotency === 'read' || isOpener(method) || OF_SESSION.includes(method);
}

/** A copy of the list is kept for the pages that follow. */
const KEEPING: readonly Method[] = [ListService.methods.scan];
const LEAVING_NOTHING = new Set(
  methods.filter(
    (method) => method.idempotency === 'read' && !method.blocking && !OF_SESSION.includes(method) && !KEEPING.includes(method),
  ),
);

/** Returns true for a method whose call can be forgotten once it was answered: made again, it would be another read. */
export function leavesNothing(method: Method): boolean {
  return LEAVING_NOTHING.has(method);
}
