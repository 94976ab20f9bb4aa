import { ManagerService } from '../../proto/gen/commonhold/v1/manager_wire.js';
import { isOpener } from '../../proto/methods.js';
import type { Method } from '../../proto/wire/codec.js';

/** Methods by which a session says what it refers to. Reading a value with references needs them. */
const REFERENCES: readonly Method[] = [ManagerService.methods.claim, ManagerService.methods.dismiss];

/** Returns true for a method that a machine takes which only reads. The engine then makes no objects, so openers only find objects. */
export function onlyReads(method: Method): boolean {
  return method.idempotency === 'read' || isOpener(method) || REFERENCES.includes(method);
}
