/** The functions of the kernel, in both forms: see memory.ts. */
export { alloc, allocHeader, discard, disownBlock, dropBlock, dropField, freeOwn, ownBlock, publishAll, room, sweep } from './heap.js';
export { beginHeap } from './descriptors.js';
export { freeBytes, refill, takeIn } from './spans.js';
export { enterObject, leaveObject } from './guard.js';
export { lockBreak, lockFree, lockOffer, lockPass, lockQuit, lockRetry, lockTake, lockWait } from './lock.js';
export { cellGet, cellSet, doubleFree, doubleGet, doubleSet, numberAdd, numberFree, numberGet, numberSet, numberWrite } from './value.js';
export { ringAt, ringCopy, ringEmpty, ringGrow, ringPop, ringPush, ringRead, ringReplace, ringSet } from './ring.js';
export {
  queueClear,
  queueDone,
  queueGet,
  queueJoin,
  queueLook,
  queuePut,
  queueQuit,
  queueReturn,
  queueShutdown,
  queueSize,
} from './queue.js';
export { mapDelete, mapFind, mapGet, mapSet, objectDelete } from './map.js';
export { mapBatch } from './map-batch.js';
export { mapAfter, mapAt, mapCut, mapLast, mapRead } from './map-order.js';
export { mapEmpty, mapGrow } from './map-room.js';
export { permitsAdd, permitsFree, permitsQuit, permitsServe, permitsTake, permitsUse } from './permits.js';
export { eventClear, eventSet, eventWait, noticeGive, noticeQuit, noticeTake, noticeWait, objectEnd } from './signals.js';
export { barrierAdvance, barrierBreak, barrierQuit, barrierRelease, barrierWait } from './barrier.js';
export { sweepLeft } from './left.js';
export { guardContend, nodeOf, reapGuard, reapHeap, reapNext, reapSlot } from './reap.js';
