import type { i32 } from './types.js';
import {
  L_COUNT,
  L_HEAD,
  L_TAIL,
  N_ASYNC,
  N_LIST,
  N_NEXT,
  N_PREVIOUS,
  N_STATE,
  N_TOKEN,
  N_WAIT,
  WOKEN,
  S_DOORBELL,
  S_LISTENING,
  S_WAKING,
  S_WAKING_STATE,
  S_WAKING_TOKEN,
  S_WAKING_WAIT,
  SLOT_SIZE,
  SLOTS,
  TOKEN_INDEX,
  WAITING,
} from './layout.js';
import { add, cas, load, notify, peek, poke, put, commit, store, beginWake, endWake } from './memory.js';

// Lists of nodes, first come, first served. All functions require the guard of the list's object.

/** Puts a node at the end. */
// @inline
export function append(self: i32, list: i32, node: i32): void {
  const last: i32 = peek(list + L_TAIL);
  put(self, node + N_LIST, list);
  put(self, node + N_NEXT, 0);
  put(self, node + N_PREVIOUS, last);
  put(self, last === 0 ? list + L_HEAD : last + N_NEXT, node);
  put(self, list + L_TAIL, node);
  put(self, list + L_COUNT, peek(list + L_COUNT) + 1);
}

/** Puts a node at the head. */
// @inline
export function prepend(self: i32, list: i32, node: i32): void {
  const first: i32 = peek(list + L_HEAD);
  put(self, node + N_LIST, list);
  put(self, node + N_NEXT, first);
  put(self, node + N_PREVIOUS, 0);
  put(self, first === 0 ? list + L_TAIL : first + N_PREVIOUS, node);
  put(self, list + L_HEAD, node);
  put(self, list + L_COUNT, peek(list + L_COUNT) + 1);
}

/** Takes a node out of its list. */
// @inline
export function unlink(self: i32, node: i32): void {
  const list: i32 = peek(node + N_LIST);
  const next: i32 = peek(node + N_NEXT);
  const previous: i32 = peek(node + N_PREVIOUS);
  put(self, previous === 0 ? list + L_HEAD : previous + N_NEXT, next);
  put(self, next === 0 ? list + L_TAIL : next + N_PREVIOUS, previous);
  put(self, list + L_COUNT, peek(list + L_COUNT) - 1);
  put(self, node + N_LIST, 0);
}

/**
 * Tells a waiting thread the end of its wait. Commits the change before, because that thread must not act on a change that is rolled back.
 * If the calling thread dies between the two, its reaper tells the waiting thread.
 */
// @inline
export function tell(self: i32, node: i32, state: i32): void {
  // Read first: after the store, the node may be reused.
  const promised: boolean = peek(node + N_ASYNC) !== 0;
  const slot: i32 = slotOf(peek(node + N_TOKEN));
  beginWake(self, node, state);
  commit(self);
  store(node + N_STATE, state);
  endWake(self);
  wake(node, promised, slot);
}

/** Returns the slot of a token. */
// @inline
function slotOf(token: i32): i32 {
  return SLOTS + SLOT_SIZE * ((token & TOKEN_INDEX) - 1);
}

/** Wakes the thread of a node; the doorbell of promises only if the thread listens. */
// @inline
function wake(node: i32, promised: boolean, slot: i32): void {
  if (!promised) {
    notify(node + N_STATE, 1);
    return;
  }
  add(slot + S_DOORBELL, 1);
  if (load(slot + S_LISTENING) !== 0) notify(slot + S_DOORBELL, 1);
}

/**
 * Tells the thread that a dead thread was telling, unless it was told already. Requires the guard that the dead thread had, under which the
 * wait cannot end otherwise.
 */
// @inline
export function tellFor(dead: i32): void {
  const node: i32 = peek(dead + S_WAKING);
  if (node === 0) return;
  const token: i32 = peek(dead + S_WAKING_TOKEN);
  const before: i32 = load(node + N_STATE);
  const waits: boolean = before === WAITING || before === WOKEN;
  if (peek(node + N_WAIT) === peek(dead + S_WAKING_WAIT) && peek(node + N_TOKEN) === token) {
    const promised: boolean = peek(node + N_ASYNC) !== 0;
    if (waits) cas(node + N_STATE, before, peek(dead + S_WAKING_STATE));
    wake(node, promised, slotOf(token));
  }
  poke(dead + S_WAKING, 0);
}
