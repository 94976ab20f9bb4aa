/**
 * The layout of the shared memory; docs/shared-memory.md says what each part is for. All offsets are in bytes, and the memory contains no
 * machine pointers. The files of this folder are both TypeScript and AssemblyScript: see memory.ts.
 */

import type { f64, i32 } from './types.js';

export const LAYOUT_VERSION: i32 = 5;
/** "chld" */
export const MAGIC: i32 = 0x646c6863;

// The header of the arena.
export const A_MAGIC: i32 = 0;
export const A_VERSION: i32 = 4;
/** End of the memory that was ever allocated; nothing above it has been written. */
export const A_TOP: i32 = 8;
/** Limit of the memory's size. */
export const A_QUOTA: i32 = 12;
/** The object that finds the others by their names. */
export const A_DIRECTORY: i32 = 16;
/** Uid of the newest object. */
export const A_UIDS: i32 = 20;
/** 1 if the arena is closed. */
export const A_CLOSED: i32 = 24;
/** Number of dead threads that were reaped. */
export const A_REAPED: i32 = 28;
/** Time of the last look for dead threads, in milliseconds modulo 2^31. */
export const A_LOOKED: i32 = 32;
/** Token of the thread that works on the spans, perhaps with CONTENDED. */
export const A_HEAP: i32 = 36;
/** Chain of descriptors that describe no span. */
export const A_SPANS: i32 = 40;
/** The span with the highest address. */
export const A_LAST: i32 = 44;
/** Number of units in free spans. */
export const A_FREE_UNITS: i32 = 48;
/** Number of units that hold descriptors. */
export const A_SPAN_UNITS: i32 = 52;
/** First descriptor that was never used, of those at the beginning of the heap. */
export const A_NEW_SPANS: i32 = 56;
/** Token of the thread that looks for dead threads on behalf of all long waits; or 0. */
export const A_WATCHER: i32 = 60;
/** The current span of each size class, from which its blocks are taken; or 0. */
export const A_CURRENT: i32 = 64;
/** List of the other spans with free blocks, for each size class. */
export const A_LISTED: i32 = 192;
/** Lists of the free spans by size. */
export const A_RUNS: i32 = 320;
export const RUN_LISTS: i32 = 84;
/**
 * Stack of freed blocks that their spans have not taken in yet, for each size class, for large blocks, and for the last blocks of listed
 * spans: {offset, tag} of the newest.
 */
export const A_FREED: i32 = 704;
/** Number of size classes. A larger block is a span of its own. */
export const CLASSES: i32 = 17;
/** Number of the stack of the last blocks. Their class does not take them from there, so that their spans become empty. */
export const LASTS: i32 = 18;
/** Size class of object headers, whose memory is never used for anything else. */
export const HEADER_CLASS: i32 = 16;
/** Largest size of a class, with the block's header. */
export const LARGEST: i32 = 4096;

// Threads.
export const SLOTS: i32 = 1024;
export const SLOT_SIZE: i32 = 1024;
export const SLOT_COUNT: i32 = 256;
export const HEAP: i32 = 263_168;
/** Number of bits of a token that name the slot, from 1 on; the bits above count the slot's uses. */
export const TOKEN_BITS: i32 = 9;
export const TOKEN_INDEX: i32 = (1 << TOKEN_BITS) - 1;

/** Token of the thread: slot index + 1, and the generation above it; 0 while the slot is free. */
export const S_TOKEN: i32 = 0;
/** Token of the thread that reaps this one. Both words are exchanged together. */
export const S_REAPER: i32 = 4;
/** Process id, thread id of the operating system, and start time of the thread. */
export const S_PID: i32 = 8;
export const S_TID: i32 = 12;
export const S_START: i32 = 16;
/** Node's thread id; -1 while unknown. */
export const S_THREAD: i32 = 24;
/** Incremented when something that the thread awaits has happened. */
export const S_DOORBELL: i32 = 28;
/** 1 while the thread listens to its doorbell. */
export const S_LISTENING: i32 = 32;
/** Chain of allocated blocks that are in no object yet. */
export const S_PENDING: i32 = 36;
/** Chain of blocks that are in no object any more. */
export const S_GARBAGE: i32 = 40;
/** Number of times the slot was used. */
export const S_GENERATION: i32 = 44;
/** Chain of the thread's own blocks, for keys, for reads and for cells. */
export const S_SCRATCH: i32 = 48;
/** First pending block of the step that the present one interrupts: from here on, blocks are neither published nor freed. */
export const S_OUTER: i32 = 52;
/** The word on which the thread sleeps, after a first slice of sleep; other threads wake it there. Or 0. */
export const S_ASLEEP: i32 = 56;
/** Chain of the thread's reserve of nodes. */
export const S_NODES: i32 = 60;
/** Kind of span from which the thread found no block: see X_KIND. */
export const S_WANTED: i32 = 64;
/** A block that is ready for the thread, and in no chain yet; or 0. */
export const S_READY: i32 = 68;
/**
 * The node that the thread is telling the end of its wait, or 0; with the number of that wait, the token of its thread, and the new state.
 * Only the JavaScript kernel writes it.
 */
export const S_WAKING: i32 = 72;
export const S_WAKING_WAIT: i32 = 76;
export const S_WAKING_TOKEN: i32 = 80;
export const S_WAKING_STATE: i32 = 84;
/**
 * The cells that a change took out of an object at once, and whose blocks have yet to be dropped: address, mask of their ring, the first,
 * the number that remains, and 1 if they are places of an order.
 */
export const S_LEFT: i32 = 88;
export const S_LEFT_MASK: i32 = 92;
export const S_LEFT_FIRST: i32 = 96;
export const S_LEFT_COUNT: i32 = 100;
export const S_LEFT_PLACES: i32 = 104;
/** Serial from which the directory's entries have yet to be cleared of the thread, a double; 0 until it is found dead. */
export const S_DUE: i32 = 112;
/** Overwritten words of an unfinished change: a count, and that many pairs {offset, old}. Only the JavaScript kernel writes it. */
export const S_JOURNAL: i32 = 120;

/** Flag in the word of a lock or guard: other threads wait. */
export const CONTENDED: i32 = 0x40000000;

// A block of the heap. Before it are the descriptor of its span and the next block of its chain.
export const BLOCK_HEADER: i32 = 8;
export const B_SPAN: i32 = -8;
export const B_NEXT: i32 = -4;
/** Maximum size of a block. */
export const MOST_BYTES: i32 = 0x3fffff00;

// The descriptor of a span, which is a run of adjacent units. Its memory is never used for anything but descriptors.
export const UNIT: i32 = 1024;
export const UNIT_BITS: i32 = 10;
export const X_SIZE: i32 = 40;
/**
 * The first free block, in steps of 8 bytes from X_BASE (0 for none), and above it the number of blocks in use; with X_TAG one word of 64
 * bits.
 */
export const X_HEAD: i32 = 0;
/** Version of X_HEAD. */
export const X_TAG: i32 = 4;
export const X_BASE: i32 = 8;
/** Its size class; LARGE_KIND and its units, if it is one block; FREE, UNUSED or DESCRIPTORS. */
export const X_KIND: i32 = 12;
export const X_UNITS: i32 = 16;
/** The spans with the next lower and the next higher address, or 0. */
export const X_BEFORE: i32 = 20;
export const X_BEHIND: i32 = 24;
/** Its neighbours in its list. */
export const X_NEXT: i32 = 28;
export const X_PREVIOUS: i32 = 32;
/** State of a span with a size class: FULL_UP, LISTED or CURRENT. */
export const X_PLACE: i32 = 36;

export const LARGE_KIND: i32 = 32;
/** The span is free memory. */
export const FREE: i32 = -1;
/** The descriptor describes no span. */
export const UNUSED: i32 = -2;
/** The span holds descriptors. */
export const DESCRIPTORS: i32 = -3;
/** The span had no free block at the last look, and is in no list. */
export const FULL_UP: i32 = 0;
/** The span is in the list of its class. */
export const LISTED: i32 = 1;
/** The span is the one that blocks of its class are taken from. */
export const CURRENT: i32 = 2;

// An object. Each step uses its first cache line, which moves to the processor that makes the step.
export const O_SIZE: i32 = 160;
/** Distance of two headers in bytes; each starts at a multiple of LINE. */
export const HEADER_SIZE: i32 = 192;
/** Size of a cache line in bytes. */
export const LINE: i32 = 64;
/** Tells successive objects in the same memory apart; 0 while there is no object. */
export const O_UID: i32 = 0;
/** Token of the thread that works on the object, perhaps with CONTENDED. */
export const O_GUARD: i32 = 4;
/** Sequence number; odd during a change. */
export const O_SEQ: i32 = 8;
export const O_KIND: i32 = 12;
/** Values of O_KIND for a dict and a queue: see objects/kind-numbers.ts. */
export const DICT: i32 = 1;
export const QUEUE: i32 = 3;
/** Fields of the kind, up to the end of the first cache line. */
export const O_DATA: i32 = 16;
/** A block with the name: its length, and its UTF-8 bytes. */
export const O_NAME: i32 = 64;
/** A block with a bit for each thread that has a proxy of it; 0 for an object with a name. */
export const O_CLAIMS: i32 = 68;
/** 1 if other objects may contain references to it. */
export const O_PINNED: i32 = 72;
/** Lists of waiting nodes: {head, tail, count} each. */
export const O_LIST0: i32 = 76;
export const O_LIST1: i32 = 88;
export const O_LIST2: i32 = 100;
/** List of nodes: holds of a semaphore, and grants that other kinds have yet to redeem. */
export const O_HOLDS: i32 = 112;
/** The object's lock: token of its holder, perhaps with CONTENDED. */
export const O_LOCK: i32 = 128;
/** Owner of the hold; INTERNAL for the hold of a single operation. */
export const O_OWNER: i32 = 132;
/** Number of the newest hold. */
export const O_COUNTER: i32 = 136;
/** Number of the present hold. */
export const O_HELD: i32 = 144;
/** 1 if the previous hold ended with its holder. */
export const O_ABANDONED: i32 = 152;
/** 1 while a waiting thread was told to try again, and has not done so. */
export const O_WOKEN: i32 = 156;

export const INTERNAL: i32 = -1;

// A value, from O_DATA on.
/** Number of its typecode; 0 for any payload. */
export const V_TYPE: i32 = 0;
/** 1 if only integers from V_MIN to V_MAX are allowed. */
export const V_INTEGER: i32 = 4;
export const V_NUMBER: i32 = 8;
export const V_MIN: i32 = 16;
export const V_MAX: i32 = 24;
/** The value itself, if it has no typecode. */
export const V_CELL: i32 = 32;
// An array.
/** The block of the elements, and their number. */
export const R_BLOCK: i32 = 8;
export const R_LENGTH: i32 = 12;

// A list, and the items of a queue: a ring of cells.
/** The block of the cells, its capacity less one (a power of two less one), the position of the first cell, and the number of cells. */
export const D_BLOCK: i32 = 0;
export const D_MASK: i32 = 4;
export const D_START: i32 = 8;
export const D_COUNT: i32 = 12;
// A queue.
/** Maximum number of items; 0 for no limit. */
export const Q_CAPACITY: i32 = 16;
/** Number of items that were put and not reported done. */
export const Q_UNFINISHED: i32 = 20;
/** Maximum of that number. */
export const MOST_UNFINISHED: i32 = 0x7fffffff;
/** OPEN, DRAINING or SHUT. */
export const Q_PHASE: i32 = 24;
/** Number of items promised to woken getters, and of places promised to woken putters. */
export const Q_PROMISED_ITEMS: i32 = 28;
export const Q_PROMISED_PLACES: i32 = 32;
/** Values of N_WANT of a queue's nodes. */
export const ITEM: i32 = 0;
export const PLACE: i32 = 1;
export const ALL_DONE: i32 = 2;
export const OPEN: i32 = 0;
/** The queue takes no more items, and gives the present ones. */
export const DRAINING: i32 = 1;
/** The queue neither takes nor gives items. */
export const SHUT: i32 = 2;

// A dict.
/** The table: a power of two of pairs {hash, entry}. */
export const M_TABLE: i32 = 0;
export const M_MASK: i32 = 4;
export const M_COUNT: i32 = 8;
/** Number of places of the table that are not empty, including deleted entries. */
export const M_USED: i32 = 12;
/** The entries in insertion order, in the block of the table: {serial, entry, hash} each; their number, and the capacity. */
export const M_ORDER: i32 = 16;
export const M_ORDER_COUNT: i32 = 20;
export const M_ORDER_ROOM: i32 = 24;
/** A block of entries that are put in together, their number, and the number already put in; 0 if there is none. */
export const M_BATCH: i32 = 28;
/** Serial of the newest entry ever, a double: no dict lives long enough to exhaust it. */
export const M_SERIAL: i32 = 32;
export const M_BATCH_COUNT: i32 = 40;
export const M_BATCH_DONE: i32 = 44;
/** Mark in the table of a deleted entry. */
export const DELETED: i32 = 1;
/** A place of the order. After its entry is deleted, it keeps the serial, and its entry is 0. */
export const T_SIZE: i32 = 16;
export const T_SERIAL: i32 = 0;
export const T_ENTRY: i32 = 8;
export const T_HASH: i32 = 12;
// An entry of a dict.
export const E_HASH: i32 = 0;
/** The key: its length in bytes, shifted by three bits, and its type in the lowest three bits. */
export const E_SHAPE: i32 = 4;
/** Serial, a double: higher than that of each earlier entry. */
export const E_SERIAL: i32 = 8;
export const E_CELL: i32 = 16;
export const E_KEY: i32 = 32;

// A semaphore: doubles.
export const P_PERMITS: i32 = 0;
/** Maximum number of permits; Infinity if there is none. */
export const P_BOUND: i32 = 8;
/** Initial number of permits. */
export const P_FIRST: i32 = 16;
/** Number of permits that are held. */
export const P_HELD: i32 = 24;
/** Limit of permits, free and held together: the contract carries them in 32 bits. */
export const MOST_PERMITS: f64 = 4_294_967_295;
// An event.
export const G_SET: i32 = 0;
// A condition.
/** Kind of the lock that it uses, and a block with the lock's name (length, and UTF-8); 0 if it has its own lock. */
export const H_KIND: i32 = 0;
export const H_NAME: i32 = 4;
/** Number of waits that have yet to be notified, or ALL; 0 except during a notification. */
export const H_REST: i32 = 8;
/** Number of waits to wake that means all. */
export const ALL: i32 = 0x7fffffff;
// A barrier.
export const W_PARTIES: i32 = 0;
/** Reason why the barrier is broken; 0 if it is not. */
export const W_BROKEN: i32 = 4;
/** Reason with which the waiting parties are being failed; 0 except during that. */
export const W_FAILING: i32 = 8;
/** Number of parties of a complete round that have yet to be released. */
export const W_LEAVING: i32 = 12;
/** Index of the party that runs its action while the others wait, or has run it; -1 if none does. */
export const W_ACTOR: i32 = 16;
/** A block with the message of the last failed action (length, and UTF-8); or 0. */
export const W_MESSAGE: i32 = 20;
/** Default timeout of a party, in milliseconds; negative for none. */
export const W_TIMEOUT: i32 = 24;
/** Values of W_BROKEN. */
export const TIMED_OUT: i32 = 1;
export const ABORTED: i32 = 2;
export const ACTION_FAILED: i32 = 3;
export const RESET: i32 = 4;
export const DIED: i32 = 5;

// A list of nodes.
export const L_HEAD: i32 = 0;
export const L_TAIL: i32 = 4;
export const L_COUNT: i32 = 8;

// A node: one wait, or one hold of a semaphore.
export const N_SIZE: i32 = 56;
/** State of the wait: the word on which a blocked thread sleeps. */
export const N_STATE: i32 = 0;
export const N_NEXT: i32 = 4;
export const N_PREVIOUS: i32 = 8;
/** Token of its thread. */
export const N_TOKEN: i32 = 12;
/** Number of the wait within its thread. */
export const N_WAIT: i32 = 16;
/** 1 if a promise waits, 0 if the thread blocks. */
export const N_ASYNC: i32 = 20;
/** The list that it is in, or 0. */
export const N_LIST: i32 = 24;
/** The amount that is asked for, or held. */
export const N_WANT: i32 = 28;
export const N_OWNER: i32 = 32;
/** Result that comes with the grant. */
export const N_RESULT: i32 = 36;
/** Start of the wait, in milliseconds since 1970. */
export const N_SINCE: i32 = 40;
/** Number of the hold that it was granted. */
export const N_HELD: i32 = 48;

export const WAITING: i32 = 0;
/** The lock that it waits for may be free: it has to try again. */
export const WOKEN: i32 = 1;
export const GRANTED: i32 = 2;
/** The object has ended. */
export const ENDED: i32 = 3;
/** The barrier is broken; the queue is shut down. */
export const BROKEN: i32 = 4;

// A user's value in an object.
export const C_SIZE: i32 = 16;
export const C_KIND: i32 = 0;
export const C_LENGTH: i32 = 4;
export const C_BITS: i32 = 8;
export const NOTHING: i32 = 0;
/** A number: C_BITS is a double. */
export const NUMBER: i32 = 1;
/** A payload of up to 8 bytes, in C_BITS. */
export const SHORT: i32 = 2;
/** A longer payload: C_BITS is its address, less than 8 bytes after the beginning of its block. */
export const LONG: i32 = 3;
/** Mask of that distance: the lowest bits of the address. */
export const SHIFT: i32 = 7;

// Results of the kernel's functions that are not values.
/** Another thread works on the object: wait for its guard, and call again. */
export const BUSY: i32 = -1;
/** The object does not exist any more. */
export const GONE: i32 = -2;
/** The caller has to wait. */
export const WAIT: i32 = -3;
/** The memory is full. */
export const FULL: i32 = -4;
/** No block of this size is at hand: call refill, and call again. */
export const SCARCE: i32 = -14;
/** The object has no room left: grow it, and call again. */
export const GROW: i32 = -5;
/** Done, but others wait for the lock, which is still held: call lockPass. */
export const PASS: i32 = -6;
export const NOT_OWNER: i32 = -7;
/** Done, but a waiting thread has to be told that the lock is free: call lockOffer. */
export const OFFER: i32 = -13;
export const OUT_OF_RANGE: i32 = -8;
export const SHUT_DOWN: i32 = -9;
/** The number of permits, or of unfinished items, would exceed the limit. */
export const TOO_MANY: i32 = -11;
/** The barrier is broken. */
export const BROKEN_DOWN: i32 = -12;
/** The value does not fit into the given room: read it under the guard. */
export const LARGE: i32 = -10;
