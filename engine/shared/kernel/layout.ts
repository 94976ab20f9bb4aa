/**
 * Where everything is in the shared memory: docs/shared-memory.md says what each thing is for. All offsets
 * are bytes; nothing in the memory is a pointer of a machine. This file and the others of this folder are
 * both TypeScript and AssemblyScript: see memory.ts.
 */

import type { f64, i32 } from './types.js';

export const LAYOUT_VERSION: i32 = 5;
/** "chld" */
export const MAGIC: i32 = 0x646c6863;

// The header of the arena.
export const A_MAGIC: i32 = 0;
export const A_VERSION: i32 = 4;
/** End of what was ever allocated; all above is untouched. */
export const A_TOP: i32 = 8;
/** The memory may not grow beyond this. */
export const A_QUOTA: i32 = 12;
/** The object that finds the others by their names. */
export const A_DIRECTORY: i32 = 16;
/** Uid of the last object that was made. */
export const A_UIDS: i32 = 20;
/** 1 when the arena is closed. */
export const A_CLOSED: i32 = 24;
/** Threads that were found dead and cleared away. */
export const A_REAPED: i32 = 28;
/** When someone last looked for threads that are gone, in milliseconds modulo 2^31. */
export const A_LOOKED: i32 = 32;
/** Token of the thread that works on the spans, perhaps with CONTENDED. */
export const A_HEAP: i32 = 36;
/** Descriptors that describe no span: a chain. */
export const A_SPANS: i32 = 40;
/** The span with the highest address. */
export const A_LAST: i32 = 44;
/** Units that are in free spans. */
export const A_FREE_UNITS: i32 = 48;
/** Units that descriptors are in. */
export const A_SPAN_UNITS: i32 = 52;
/** Where the descriptors begin that were never used, of those that are at the beginning of the heap. */
export const A_NEW_SPANS: i32 = 56;
/** Token of the thread that looks for those that are gone while others wait for longer; or 0. */
export const A_WATCHER: i32 = 60;
/** For each size class the span from which its blocks are taken, or 0. */
export const A_CURRENT: i32 = 64;
/** For each size class its other spans with free blocks: a list. */
export const A_LISTED: i32 = 192;
/** Free spans by their size: lists. */
export const A_RUNS: i32 = 320;
export const RUN_LISTS: i32 = 84;
/** For each size class, and for large blocks, those that were freed and that their spans have not taken in yet: {offset, tag} of the newest. */
export const A_FREED: i32 = 704;
/** Size classes of blocks. A larger block is a span of its own. */
export const CLASSES: i32 = 17;
/** The class of object headers, whose memory is never used for anything else. */
export const HEADER_CLASS: i32 = 16;
/** The largest size of a class, with the header of the block. */
export const LARGEST: i32 = 4096;

// Threads.
export const SLOTS: i32 = 1024;
export const SLOT_SIZE: i32 = 1024;
export const SLOT_COUNT: i32 = 256;
export const HEAP: i32 = 263_168;
/** Bits of a token that say which slot, from 1 on; the others count who had it. */
export const TOKEN_BITS: i32 = 9;
export const TOKEN_INDEX: i32 = (1 << TOKEN_BITS) - 1;

/** Who it is: index + 1, and a generation above; 0 while the slot is free. */
export const S_TOKEN: i32 = 0;
/** Token of the thread that clears this one away. It is claimed by one exchange of both words. */
export const S_REAPER: i32 = 4;
/** The process, the thread as the system names it, and when that began. */
export const S_PID: i32 = 8;
export const S_TID: i32 = 12;
export const S_START: i32 = 16;
/** The thread as Node numbers it; -1 while that is not known. */
export const S_THREAD: i32 = 24;
/** Counts up when something that the thread awaits has come. */
export const S_DOORBELL: i32 = 28;
/** 1 while the thread listens to its doorbell. */
export const S_LISTENING: i32 = 32;
/** Blocks that were allocated, and are in no object yet: a chain. */
export const S_PENDING: i32 = 36;
/** Blocks that are in no object any more: a chain. */
export const S_GARBAGE: i32 = 40;
/** How often the slot was used. */
export const S_GENERATION: i32 = 44;
/** Blocks that the thread works with, for keys, for what it reads and for cells: a chain. */
export const S_SCRATCH: i32 = 48;
/** The first of the pending blocks that belong to a step which the present one interrupts: it neither publishes nor frees them. */
export const S_OUTER: i32 = 52;
/** The word on which the thread sleeps, once it has for a slice: whoever has it look up wakes it there; or 0. */
export const S_ASLEEP: i32 = 56;
/** Nodes that the thread does not use: a chain. */
export const S_NODES: i32 = 60;
/** What kind of span the thread found no block of: see X_KIND. */
export const S_WANTED: i32 = 64;
/** A block that is ready for the thread, and in no chain yet; or 0. */
export const S_READY: i32 = 68;
/** The node of one who waits and is being told what became of it, or 0; which of its thread's waits that is, the thread's token, and the state that it gets. Only the JavaScript kernel writes it. */
export const S_TELLING: i32 = 72;
export const S_TELLING_WAIT: i32 = 76;
export const S_TELLING_TOKEN: i32 = 80;
export const S_TELLING_STATE: i32 = 84;
/** Where the cells are that a change took out of an object in one go, and whose blocks are still to be dropped; their ring's mask, the first, how many are left, and 1 where they are places of an order. */
export const S_LEFT: i32 = 88;
export const S_LEFT_MASK: i32 = 92;
export const S_LEFT_FIRST: i32 = 96;
export const S_LEFT_COUNT: i32 = 100;
export const S_LEFT_PLACES: i32 = 104;
/** Serial from which on the directory's entries are still to be cleared of the thread, a double; 0 until the thread is found dead. */
export const S_DUE: i32 = 112;
/** What a half-done change has overwritten: a count, and so many pairs {offset, old}. Only the JavaScript kernel writes it. */
export const S_JOURNAL: i32 = 120;

/** In the word of a lock: someone waits. */
export const CONTENDED: i32 = 0x40000000;

// A block of the heap: the descriptor of its span, and the next block of the chain that it is in, stand before it.
export const BLOCK_HEADER: i32 = 8;
export const B_SPAN: i32 = -8;
export const B_NEXT: i32 = -4;
/** The most bytes of a block. */
export const MOST_BYTES: i32 = 0x3fffff00;

// The descriptor of a span, which is some units of memory in a row. Its memory is never used for anything but descriptors.
export const UNIT: i32 = 1024;
export const UNIT_BITS: i32 = 10;
export const X_SIZE: i32 = 40;
/** The first free block, in steps of 8 bytes from X_BASE (0 for none), and above how many blocks are in use; with X_TAG one word of 64 bits. */
export const X_HEAD: i32 = 0;
/** Changes with each change of X_HEAD. */
export const X_TAG: i32 = 4;
export const X_BASE: i32 = 8;
/** Its size class; LARGE_KIND and its units, where it is one block; FREE, UNUSED or DESCRIPTORS. */
export const X_KIND: i32 = 12;
export const X_UNITS: i32 = 16;
/** The spans with the next lower and the next higher address, or 0. */
export const X_BEFORE: i32 = 20;
export const X_BEHIND: i32 = 24;
/** Its neighbours in the list that it is in. */
export const X_NEXT: i32 = 28;
export const X_PREVIOUS: i32 = 32;
/** Of a span with a size class: FULL_UP, LISTED or CURRENT. */
export const X_PLACE: i32 = 36;

export const LARGE_KIND: i32 = 32;
/** Memory that is free. */
export const FREE: i32 = -1;
/** The descriptor describes nothing. */
export const UNUSED: i32 = -2;
/** Memory with descriptors. */
export const DESCRIPTORS: i32 = -3;
/** It had no free block when it was last looked at, and is in no list. */
export const FULL_UP: i32 = 0;
/** It is in the list of its class. */
export const LISTED: i32 = 1;
/** Blocks of its class are taken from it. */
export const CURRENT: i32 = 2;

// An object. Each step reads and writes its first cache line, which moves to the processor that makes the step.
export const O_SIZE: i32 = 160;
/** Bytes from one header to the next, each at a multiple of LINE. */
export const HEADER_SIZE: i32 = 192;
/** Bytes of a cache line. */
export const LINE: i32 = 64;
/** Tells the objects apart that had this memory one after another; 0 while there is none. */
export const O_UID: i32 = 0;
/** Token of the thread that works on the object, perhaps with CONTENDED. */
export const O_GUARD: i32 = 4;
/** Odd while it is being changed. */
export const O_SEQ: i32 = 8;
export const O_KIND: i32 = 12;
/** The numbers of a dict and of a queue in O_KIND: see kinds.ts. */
export const DICT: i32 = 1;
export const QUEUE: i32 = 3;
/** What the kinds have for themselves: the rest of the line. */
export const O_DATA: i32 = 16;
/** A block: length of the name, and the name as UTF-8. */
export const O_NAME: i32 = 64;
/** A block with a bit for each thread that has a proxy of it; 0 for an object with a name. */
export const O_CLAIMS: i32 = 68;
/** 1 where other objects may contain references to it. */
export const O_PINNED: i32 = 72;
/** Those who wait: {head, tail, count} each. */
export const O_LIST0: i32 = 76;
export const O_LIST1: i32 = 88;
export const O_LIST2: i32 = 100;
/** What is held of a semaphore: nodes. */
export const O_HOLDS: i32 = 112;
/** The lock that the object is, or has: token of its holder, perhaps with CONTENDED. */
export const O_LOCK: i32 = 128;
/** Owner of the hold; INTERNAL for that of one operation. */
export const O_OWNER: i32 = 132;
/** Number of the newest hold. */
export const O_COUNTER: i32 = 136;
/** Number of the present hold. */
export const O_HELD: i32 = 144;
/** 1 where the hold before ended with its holder. */
export const O_ABANDONED: i32 = 152;
/** 1 while one who waits for the lock was told to try again, and has not done so. */
export const O_NUDGED: i32 = 156;

export const INTERNAL: i32 = -1;

// A value, from O_DATA on.
/** Number of its typecode; 0 for any payload. */
export const V_TYPE: i32 = 0;
/** 1 where only whole numbers from V_MIN to V_MAX are allowed. */
export const V_INTEGER: i32 = 4;
export const V_NUMBER: i32 = 8;
export const V_MIN: i32 = 16;
export const V_MAX: i32 = 24;
/** The value itself, where it has no typecode. */
export const V_CELL: i32 = 32;
// An array.
/** The block of the elements, and how many there are. */
export const R_BLOCK: i32 = 8;
export const R_LENGTH: i32 = 12;

// A list, and the items of a queue: a ring of cells.
/** The block of the cells, how many it has room for less one (a power of two), where the first is, how many there are. */
export const D_BLOCK: i32 = 0;
export const D_MASK: i32 = 4;
export const D_START: i32 = 8;
export const D_COUNT: i32 = 12;
// A queue.
/** How many items it may have; 0 for any number. */
export const Q_CAPACITY: i32 = 16;
/** Items that were put and not reported done. */
export const Q_UNFINISHED: i32 = 20;
/** OPEN, DRAINING or SHUT. */
export const Q_PHASE: i32 = 24;
/** Items that are promised to getters who were woken, and places to putters. */
export const Q_PROMISED_ITEMS: i32 = 28;
export const Q_PROMISED_PLACES: i32 = 32;
/** What a node wants, in N_WANT. */
export const ITEM: i32 = 0;
export const PLACE: i32 = 1;
export const ALL_DONE: i32 = 2;
export const OPEN: i32 = 0;
/** Takes no more items, and gives those it has. */
export const DRAINING: i32 = 1;
/** Neither takes nor gives. */
export const SHUT: i32 = 2;

// A dict.
/** The table: so many pairs {hash, entry}, a power of two. */
export const M_TABLE: i32 = 0;
export const M_MASK: i32 = 4;
export const M_COUNT: i32 = 8;
/** Places of the table that are not empty, those of deleted entries too. */
export const M_USED: i32 = 12;
/** The entries in the order in which they came, in the block of the table: {serial, entry, hash} each, how many, and how many there is room for. */
export const M_ORDER: i32 = 16;
export const M_ORDER_COUNT: i32 = 20;
export const M_ORDER_ROOM: i32 = 24;
/** A block of entries that are put in at once, how many, and how many of them are in; 0 while there is none. */
export const M_BATCH: i32 = 28;
/** Serial of the newest entry ever: a double, which no dict lives to exhaust. */
export const M_SERIAL: i32 = 32;
export const M_BATCH_COUNT: i32 = 40;
export const M_BATCH_DONE: i32 = 44;
/** In the table: there was an entry. */
export const DELETED: i32 = 1;
/** A place of the order. That of a deleted entry keeps its serial, and has no entry. */
export const T_SIZE: i32 = 16;
export const T_SERIAL: i32 = 0;
export const T_ENTRY: i32 = 8;
export const T_HASH: i32 = 12;
// An entry of a dict.
export const E_HASH: i32 = 0;
/** How many bytes the key has, and below, in three bits, what type it is of. */
export const E_SHAPE: i32 = 4;
/** Grows from entry to entry: a double. */
export const E_SERIAL: i32 = 8;
export const E_CELL: i32 = 16;
export const E_KEY: i32 = 32;

// A semaphore: doubles.
export const P_PERMITS: i32 = 0;
/** The most it may have; infinite where it has no bound. */
export const P_BOUND: i32 = 8;
/** How many it was made with. */
export const P_FIRST: i32 = 16;
/** How many are held. */
export const P_HELD: i32 = 24;
/** The most permits there may be, free and held: they travel in 32 bits. */
export const MOST_PERMITS: f64 = 4_294_967_295;
// An event.
export const G_SET: i32 = 0;
// A condition.
/** The lock that it goes with, by its kind and its name (a block: length, and UTF-8): 0 where it has one of its own. */
export const H_KIND: i32 = 0;
export const H_NAME: i32 = 4;
/** How many are still to be notified, or ALL; 0 but in the middle of that. */
export const H_REST: i32 = 8;
/** A number of those to wake that means all. */
export const ALL: i32 = 0x7fffffff;
// A barrier.
export const W_PARTIES: i32 = 0;
/** Why nobody gets through; 0 while all is well. */
export const W_BROKEN: i32 = 4;
/** Why those who wait are being failed; 0 but in the middle of that. */
export const W_FAILING: i32 = 8;
/** Parties of a complete round that are still to be let go. */
export const W_LEAVING: i32 = 12;
/** Index of the party that runs its action while the others wait, or has run it; -1 where none does. */
export const W_ACTOR: i32 = 16;
/** A block: what the last action that failed has said (length, and UTF-8); or 0. */
export const W_MESSAGE: i32 = 20;
/** How long a party waits that does not say, in milliseconds; negative for ever. */
export const W_TIMEOUT: i32 = 24;
/** Reasons for W_BROKEN. */
export const TIMED_OUT: i32 = 1;
export const ABORTED: i32 = 2;
export const ACTION_FAILED: i32 = 3;
export const RESET: i32 = 4;
export const DIED: i32 = 5;

// A list of nodes.
export const L_HEAD: i32 = 0;
export const L_TAIL: i32 = 4;
export const L_COUNT: i32 = 8;

// A node: one who waits, or what one holds of a semaphore.
export const N_SIZE: i32 = 56;
/** What became of the wait: the word on which a blocked thread sleeps. */
export const N_STATE: i32 = 0;
export const N_NEXT: i32 = 4;
export const N_PREVIOUS: i32 = 8;
/** Token of its thread. */
export const N_TOKEN: i32 = 12;
/** Which of the thread's waits it is. */
export const N_WAIT: i32 = 16;
/** 1 where a promise waits, 0 where the thread does. */
export const N_ASYNC: i32 = 20;
/** The list that it is in, or 0. */
export const N_LIST: i32 = 24;
/** How much is asked for, or held. */
export const N_WANT: i32 = 28;
export const N_OWNER: i32 = 32;
/** What came with the grant. */
export const N_RESULT: i32 = 36;
/** When it began to wait, in milliseconds since 1970. */
export const N_SINCE: i32 = 40;
/** Number of the hold that it was granted. */
export const N_HELD: i32 = 48;

export const WAITING: i32 = 0;
/** What it waits for may be free: it is to try again. */
export const NUDGED: i32 = 1;
export const GRANTED: i32 = 2;
/** The object is gone. */
export const ENDED: i32 = 3;
/** The barrier is broken; the queue is shut down. */
export const BROKEN: i32 = 4;

// A value of a user, as it stands in an object.
export const C_SIZE: i32 = 16;
export const C_KIND: i32 = 0;
export const C_LENGTH: i32 = 4;
export const C_BITS: i32 = 8;
export const NOTHING: i32 = 0;
/** A number: C_BITS is a double. */
export const NUMBER: i32 = 1;
/** A payload of up to 8 bytes: in C_BITS. */
export const SHORT: i32 = 2;
/** A longer payload: C_BITS is its offset, which is less than 8 bytes behind the beginning of its block. */
export const LONG: i32 = 3;
/** How far behind: the lowest bits of the offset. */
export const SHIFT: i32 = 7;

// What the functions of the kernel answer where it is no result.
/** Someone else works on the object: pass, and call again. */
export const BUSY: i32 = -1;
/** There is no such object any more. */
export const GONE: i32 = -2;
/** It has to be waited for. */
export const WAIT: i32 = -3;
/** The memory is full. */
export const FULL: i32 = -4;
/** There is no block of this size at hand: call refill, and call again. */
export const SCARCE: i32 = -14;
/** The object has no room for one more: let it grow, and call again. */
export const GROW: i32 = -5;
/** Done, but others wait for the lock: pass it on. */
export const PASS: i32 = -6;
export const NOT_OWNER: i32 = -7;
/** Done, but someone who waits for the lock is to be told. */
export const OFFER: i32 = -13;
export const OUT_OF_RANGE: i32 = -8;
export const SHUT_DOWN: i32 = -9;
/** There would be more permits than can be counted. */
export const TOO_MANY: i32 = -11;
/** The barrier is broken. */
export const BROKEN_DOWN: i32 = -12;
/** It does not fit into the room that was given: read it under the guard. */
export const LARGE: i32 = -10;
