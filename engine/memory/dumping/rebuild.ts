import type { HomeRequest } from '../../../proto/gen/commonhold/v1/home_wire.js';
import { ManagerService } from '../../../proto/gen/commonhold/v1/manager_wire.js';
import type { Kind } from '../../../proto/gen/commonhold/v1/services_wire.js';
import type { StateOf } from '../../../proto/state.js';
import { encodeMessage } from '../../../proto/wire/message.js';
import type { Writer } from '../../../proto/wire/writer.js';
import type { RebuildCall } from '../../core/calls.js';
import type { ForwardedObject } from '../hosting/forwarded-object.js';
import {
  rebuildArray,
  rebuildDict,
  rebuildList,
  rebuildNamespace,
  rebuildObject,
  rebuildPipe,
  rebuildSet,
  rebuildValue,
} from './rebuild-contents.js';
import {
  rebuildBarrier,
  rebuildCondition,
  rebuildEvent,
  rebuildLock,
  rebuildRLock,
  rebuildRWLock,
  rebuildSemaphore,
} from './rebuild-locking.js';
import { rebuildQueue } from './rebuild-queue.js';
import { callOn, until, type CapturedObject } from './rebuilt.js';

/** The calls that make an object of each kind again. A kind of the contract that is missing here does not compile. */
const REBUILD: Readonly<Record<Kind, (object: CapturedObject<never>, mostBytes: number) => Iterable<RebuildCall>>> = {
  dict: rebuildDict,
  list: rebuildList,
  set: rebuildSet,
  array: rebuildArray,
  queue: rebuildQueue,
  value: rebuildValue,
  namespace: rebuildNamespace,
  pipe: rebuildPipe,
  lock: rebuildLock,
  rlock: rebuildRLock,
  rwlock: rebuildRWLock,
  condition: rebuildCondition,
  semaphore: rebuildSemaphore,
  event: rebuildEvent,
  barrier: rebuildBarrier,
  object: rebuildObject,
};

/** Yields the calls that make an object again, encoded. @param mostBytes of the items that one call carries */
export function* callsOf(object: CapturedObject, writer: Writer, mostBytes: number): Generator<HomeRequest> {
  const { kind, ttlMs } = object;
  // An object at home elsewhere has its backup, which is calls already.
  if (isForwarded(object)) yield* object.state.backup;
  else for (const call of REBUILD[kind as Kind](object as CapturedObject<never>, mostBytes)) yield encoded(call);
  // Last, so that it does not end while it is made.
  if (ttlMs !== undefined) yield encoded(callOn(ManagerService.methods.expire, object, { kind, ttlMs: until(ttlMs, 0) }));

  function encoded({ method, request }: RebuildCall): HomeRequest {
    return { method: method.name, request: encodeMessage(writer, method.input, request) };
  }
}

function isForwarded(object: CapturedObject): object is CapturedObject<StateOf<ForwardedObject>> {
  return typeof object.state === 'object' && object.state !== null && 'backup' in object.state;
}
