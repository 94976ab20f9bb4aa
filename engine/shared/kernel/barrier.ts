import type { i32 } from './types.js';
import {
  BROKEN,
  BROKEN_DOWN,
  GRANTED,
  L_COUNT,
  L_HEAD,
  N_HELD,
  N_LIST,
  N_NEXT,
  N_RESULT,
  N_STATE,
  N_WANT,
  NOT_OWNER,
  O_COUNTER,
  O_DATA,
  O_HOLDS,
  O_LIST0,
  RESET,
  W_ACTOR,
  W_BROKEN,
  W_FAILING,
  W_LEAVING,
  W_MESSAGE,
  W_PARTIES,
  WAIT,
} from './layout.js';
import { enter, leave } from './guard.js';
import { publish, retire, sweep } from './heap.js';
import { load, peek, peekF64, poke, put, putF64 } from './memory.js';
import { append, tell, unlink } from './waiters.js';

// A barrier. List 0 holds the parties that have arrived; its first W_PARTIES nodes are a round. If a party of the round brought an action,
// the last such party is in O_HOLDS while it runs the action, and the others of the round wait.
//
// Releasing a round and failing the waiting parties take several steps, and the thread may die between them. W_LEAVING and W_FAILING record
// what remains, and the next call under the guard finishes it first.

/** Continues failing the waiting parties, if that has begun. Requires the guard. */
// @inline
function failRest(self: i32, object: i32): void {
  const reason: i32 = peek(object + O_DATA + W_FAILING);
  if (reason === 0) return;
  for (let party: i32 = peek(object + O_LIST0 + L_HEAD); party !== 0; party = peek(object + O_LIST0 + L_HEAD)) {
    unlink(self, party);
    poke(party + N_RESULT, reason);
    tell(self, party, BROKEN);
  }
  put(self, object + O_DATA + W_FAILING, 0);
}

/** Continues releasing the other parties of a round, if that has begun. Requires the guard. */
// @inline
function letRestGo(self: i32, object: i32): void {
  const data: i32 = object + O_DATA;
  for (let left: i32 = peek(data + W_LEAVING); left > 0; left = peek(data + W_LEAVING)) {
    const index: i32 = peek(data + W_PARTIES) - left;
    put(self, data + W_LEAVING, left - 1);
    // The actor left the list, with its index, when it began its action.
    if (index === peek(data + W_ACTOR)) continue;
    const party: i32 = peek(object + O_LIST0 + L_HEAD);
    unlink(self, party);
    poke(party + N_RESULT, index);
    tell(self, party, GRANTED);
  }
}

/** Releases all complete rounds, up to the first whose action has to run. Requires the guard. */
// @inline
function advance(self: i32, object: i32): void {
  const data: i32 = object + O_DATA;
  const parties: i32 = peek(data + W_PARTIES);
  while (true) {
    letRestGo(self, object);
    if (peek(object + O_HOLDS + L_COUNT) !== 0 || peek(object + O_LIST0 + L_COUNT) < parties) return;
    let actor: i32 = 0;
    let index: i32 = -1;
    let party: i32 = peek(object + O_LIST0 + L_HEAD);
    for (let i: i32 = 0; i < parties; i++) {
      if (peek(party + N_WANT) !== 0) {
        actor = party;
        index = i;
      }
      party = peek(party + N_NEXT);
    }
    put(self, data + W_ACTOR, index);
    if (actor === 0) {
      put(self, data + W_LEAVING, parties);
      continue;
    }
    putF64(self, object + O_COUNTER, peekF64(object + O_COUNTER) + 1);
    putF64(self, actor + N_HELD, peekF64(object + O_COUNTER));
    poke(actor + N_RESULT, index);
    unlink(self, actor);
    append(self, object + O_HOLDS, actor);
    tell(self, actor, GRANTED);
    return;
  }
}

/** Ends the running action, if there is one, and fails all waiting parties. Requires the guard. */
// @inline
function breakDown(self: i32, object: i32, reason: i32): void {
  const data: i32 = object + O_DATA;
  if (reason !== RESET && peek(data + W_BROKEN) !== 0) return;
  put(self, data + W_BROKEN, reason === RESET ? 0 : reason);
  put(self, data + W_FAILING, reason);
  const actor: i32 = peek(object + O_HOLDS + L_HEAD);
  if (actor !== 0) {
    unlink(self, actor);
    put(self, actor + N_RESULT, -reason);
  }
  failRest(self, object);
}

/**
 * Puts a party in the list, which may release it at once. Returns WAIT; BROKEN_DOWN, with the reason in N_RESULT; BUSY; GONE. N_WANT of the
 * node is not 0 if the party has an action. If it is released to run the action, N_HELD is the number of its turn.
 */
export function barrierWait(self: i32, object: i32, uid: i32, node: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  failRest(self, object);
  const broken: i32 = peek(object + O_DATA + W_BROKEN);
  if (broken !== 0) {
    poke(node + N_RESULT, broken);
  } else {
    append(self, object + O_LIST0, node);
    advance(self, object);
  }
  leave(self, object, entered);
  return broken !== 0 ? BROKEN_DOWN : WAIT;
}

/** Ends the action of a party and releases the others. Returns 0; NOT_OWNER if its turn is over; BUSY; GONE. */
export function barrierRelease(self: i32, object: i32, uid: i32, node: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  failRest(self, object);
  const turn: boolean = peek(node + N_LIST) === object + O_HOLDS;
  if (turn) {
    unlink(self, node);
    put(self, object + O_DATA + W_LEAVING, peek(object + O_DATA + W_PARTIES));
    advance(self, object);
  }
  leave(self, object, entered);
  return turn ? 0 : NOT_OWNER;
}

/**
 * Breaks the barrier for a reason, or repairs it if that is RESET; all waiting parties fail. Returns 0; BUSY; GONE; NOT_OWNER.
 * @param actor the party whose action ends this way: if its turn is over, nothing changes; 0 for any other caller
 * @param message a block with the message of the action's error, or 0
 */
export function barrierBreak(self: i32, object: i32, uid: i32, reason: i32, actor: i32, message: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  failRest(self, object);
  letRestGo(self, object);
  const may: boolean = actor === 0 || peek(actor + N_LIST) === object + O_HOLDS;
  if (may) {
    if (message !== 0) {
      const before: i32 = peek(object + O_DATA + W_MESSAGE);
      if (before !== 0) retire(self, before);
      put(self, object + O_DATA + W_MESSAGE, message);
      publish(self);
    }
    breakDown(self, object, reason);
  }
  leave(self, object, entered);
  sweep(self);
  return may ? 0 : NOT_OWNER;
}

/** Ends the wait of a party, which breaks the barrier. Returns 0; GRANTED if it was released before; BUSY; GONE. */
export function barrierQuit(self: i32, object: i32, uid: i32, node: i32, reason: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  failRest(self, object);
  letRestGo(self, object);
  if (peek(node + N_LIST) === object + O_LIST0) {
    unlink(self, node);
    breakDown(self, object, reason);
  }
  leave(self, object, entered);
  return load(node + N_STATE) === GRANTED ? GRANTED : 0;
}

/** Finishes what a dead thread left undone. Returns 0; BUSY; GONE. */
export function barrierAdvance(self: i32, object: i32, uid: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  failRest(self, object);
  advance(self, object);
  leave(self, object, entered);
  return 0;
}
