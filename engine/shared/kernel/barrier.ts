import type { i32 } from './types.js';
import {
  ACTION_FAILED,
  BROKEN,
  BROKEN_DOWN,
  GRANTED,
  L_COUNT,
  L_HEAD,
  N_LIST,
  N_NEXT,
  N_RESULT,
  N_STATE,
  N_WANT,
  NOT_OWNER,
  O_DATA,
  O_HOLDS,
  O_LIST0,
  RESET,
  W_ACTOR,
  W_BROKEN,
  W_LEAVING,
  W_PARTIES,
  W_TURN,
  W_TURNS,
  WAIT,
} from './layout.js';
import { enter, leave } from './guard.js';
import { load, peek, poke, put } from './memory.js';
import { append, tell, unlink } from './waiters.js';

// A barrier: those who have come are list 0, and the first of it, as many as there are parties, are a round.
// While the last of them that brought an action runs it, it is in O_HOLDS, and the others of its round wait.

/** Goes on where it can, also where another left off in the middle. Under the guard. */
// @inline
function advance(self: i32, object: i32): void {
  const data: i32 = object + O_DATA;
  const parties: i32 = peek(data + W_PARTIES);
  while (true) {
    for (let left: i32 = peek(data + W_LEAVING); left > 0; left = peek(data + W_LEAVING)) {
      const index: i32 = parties - left;
      put(self, data + W_LEAVING, left - 1);
      if (index === peek(data + W_ACTOR)) {
        put(self, data + W_ACTOR, -1);
        continue;
      }
      const party: i32 = peek(object + O_LIST0 + L_HEAD);
      if (party !== 0) {
        unlink(self, party);
        poke(party + N_RESULT, index);
        tell(self, party, GRANTED);
      }
    }
    if (peek(data + W_TURN) !== 0 || peek(object + O_LIST0 + L_COUNT) < parties) return;
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
    put(self, data + W_TURN, peek(data + W_TURNS) + 1);
    put(self, data + W_TURNS, peek(data + W_TURNS) + 1);
    unlink(self, actor);
    append(self, object + O_HOLDS, actor);
    poke(actor + N_RESULT, index);
    tell(self, actor, GRANTED);
    return;
  }
}

/** Fails all who wait. Under the guard. */
// @inline
function failAll(self: i32, object: i32, reason: i32): void {
  put(self, object + O_DATA + W_TURN, 0);
  const actor: i32 = peek(object + O_HOLDS + L_HEAD);
  if (actor !== 0) {
    unlink(self, actor);
    poke(actor + N_RESULT, -reason);
  }
  for (let party: i32 = peek(object + O_LIST0 + L_HEAD); party !== 0; party = peek(object + O_LIST0 + L_HEAD)) {
    unlink(self, party);
    poke(party + N_RESULT, reason);
    tell(self, party, BROKEN);
  }
}

/** Gets in line, which may let it through at once: WAIT; BROKEN_DOWN; BUSY; GONE. N_WANT of the node says whether it has an action. */
export function barrierWait(self: i32, object: i32, uid: i32, node: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  const broken: boolean = peek(object + O_DATA + W_BROKEN) !== 0;
  if (!broken) {
    append(self, object + O_LIST0, node);
    advance(self, object);
  }
  leave(self, object, entered);
  return broken ? BROKEN_DOWN : WAIT;
}

/** Its action is done: the others go. 0; NOT_OWNER where it is no longer its turn; BUSY; GONE. */
export function barrierRelease(self: i32, object: i32, uid: i32, node: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  const data: i32 = object + O_DATA;
  const turn: boolean = peek(node + N_LIST) === object + O_HOLDS;
  if (turn) {
    unlink(self, node);
    put(self, data + W_TURN, 0);
    put(self, data + W_LEAVING, peek(data + W_PARTIES));
    advance(self, object);
  }
  leave(self, object, entered);
  return turn ? 0 : NOT_OWNER;
}

/** Breaks the barrier for a reason, or mends it where that is RESET; all who wait fail. 0; BUSY; GONE. */
export function barrierBreak(self: i32, object: i32, uid: i32, reason: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  breakDown(self, object, reason);
  leave(self, object, entered);
  return 0;
}

// @inline
function breakDown(self: i32, object: i32, reason: i32): void {
  const data: i32 = object + O_DATA;
  if (reason !== RESET && peek(data + W_BROKEN) !== 0) return;
  // Those of a round that was complete get through.
  advance(self, object);
  put(self, data + W_BROKEN, reason === RESET ? 0 : reason);
  failAll(self, object, reason);
}

/** The action of a party failed: 0; NOT_OWNER where it is no longer its turn; BUSY; GONE. */
export function barrierFail(self: i32, object: i32, uid: i32, node: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  const turn: boolean = peek(node + N_LIST) === object + O_HOLDS;
  if (turn) breakDown(self, object, ACTION_FAILED);
  leave(self, object, entered);
  return turn ? 0 : NOT_OWNER;
}

/** One who waits gives up, which breaks the barrier: 0, or GRANTED where it came too late for that. */
export function barrierQuit(self: i32, object: i32, uid: i32, node: i32, reason: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  const waits: boolean = peek(node + N_LIST) !== 0 && load(node + N_STATE) !== GRANTED;
  if (waits) {
    unlink(self, node);
    breakDown(self, object, reason);
  }
  leave(self, object, entered);
  return waits || load(node + N_STATE) !== GRANTED ? 0 : GRANTED;
}

/** Goes on where another thread left off. */
export function barrierAdvance(self: i32, object: i32, uid: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  advance(self, object);
  leave(self, object, entered);
  return 0;
}
