import type { f64, i32 } from './types.js';
import { N_TOKEN, N_WAIT, S_JOURNAL, S_WAKING, S_WAKING_STATE, S_WAKING_TOKEN, S_WAKING_WAIT } from './layout.js';

/**
 * Memory access of the kernel, one line each. The kernel's source is compiled twice: by TypeScript with this file, as the twin for tests
 * and for threads where WebAssembly is not allowed; and by AssemblyScript with memory.as, which has the same functions, each one an
 * instruction.
 *
 * In WebAssembly, a thread cannot die between two instructions that neither loop nor call. Here it can. So changes of objects are journaled
 * before they are made ({@link put}), and the reaper of a dead thread rolls back an unfinished change.
 */
let words: Int32Array = new Int32Array();
let bytes: Uint8Array = new Uint8Array();
let doubles: Float64Array = new Float64Array();
let longs: BigInt64Array = new BigInt64Array();
let growTo: (pages: number) => boolean = () => false;
let size = 0;

/** The views of an arena's memory. */
export interface BoundMemory {
  readonly words: Int32Array;
  readonly bytes: Uint8Array;
  readonly doubles: Float64Array;
  readonly longs: BigInt64Array;
}

/** Makes the functions work on this memory. */
export function bind(to: BoundMemory, grows: (pages: number) => boolean): void {
  ({ words, bytes, doubles, longs } = to);
  size = bytes.length;
  growTo = grows;
}

/** Sequentially consistent reads and writes. */
export function load(p: i32): i32 {
  return Atomics.load(words, p >> 2);
}
export function store(p: i32, v: i32): void {
  Atomics.store(words, p >> 2, v);
}

/** Plain reads and writes, of memory that no other thread works on. */
export function peek(p: i32): i32 {
  return words[p >> 2]!;
}
export function poke(p: i32, v: i32): void {
  words[p >> 2] = v;
}
export function peek8(p: i32): i32 {
  return bytes[p]!;
}
export function peekF64(p: i32): f64 {
  return doubles[p >> 3]!;
}
export function pokeF64(p: i32, v: f64): void {
  doubles[p >> 3] = v;
}

/** Journaled write of a change: rolled back if the thread dies before {@link commit}. */
export function put(self: i32, p: i32, v: i32): void {
  const journal = (self + S_JOURNAL) >> 2;
  const count = words[journal]!;
  words[journal + 1 + 2 * count] = p;
  words[journal + 2 + 2 * count] = words[p >> 2]!;
  Atomics.store(words, journal, count + 1);
  words[p >> 2] = v;
}
const double = new Float64Array(1);
const halves = new Int32Array(double.buffer);
export function putF64(self: i32, p: i32, v: f64): void {
  double[0] = v;
  put(self, p, halves[0]!);
  put(self, p + 4, halves[1]!);
}
/** Commits the change. */
export function commit(self: i32): void {
  words[(self + S_JOURNAL) >> 2] = 0;
}

/** Between {@link commit} and {@link endWake}, the reaper tells the waiting thread in this one's stead if it dies. */
export function beginWake(self: i32, node: i32, state: i32): void {
  words[(self + S_WAKING_WAIT) >> 2] = words[(node + N_WAIT) >> 2]!;
  words[(self + S_WAKING_TOKEN) >> 2] = words[(node + N_TOKEN) >> 2]!;
  words[(self + S_WAKING_STATE) >> 2] = state;
  words[(self + S_WAKING) >> 2] = node;
}
export function endWake(self: i32): void {
  words[(self + S_WAKING) >> 2] = 0;
}

/** Reads and writes of 64 bits that are atomic for other threads. */
export function load64(to: i32, p: i32): void {
  longs[to >> 3] = Atomics.load(longs, p >> 3);
}
export function store64(p: i32, from: i32): void {
  Atomics.store(longs, p >> 3, longs[from >> 3]!);
}
const long = new BigInt64Array(double.buffer);
export function loadF64(p: i32): f64 {
  long[0] = Atomics.load(longs, p >> 3);
  return double[0]!;
}
export function storeF64(p: i32, v: f64): void {
  double[0] = v;
  Atomics.store(longs, p >> 3, long[0]!);
}

export function add(p: i32, d: i32): i32 {
  return Atomics.add(words, p >> 2, d);
}
export function cas(p: i32, old: i32, v: i32): i32 {
  return Atomics.compareExchange(words, p >> 2, old, v);
}
export function exchange(p: i32, v: i32): i32 {
  return Atomics.exchange(words, p >> 2, v);
}
const pair = new Int32Array(2);
const whole = new BigInt64Array(pair.buffer);
/** Exchanges two adjacent words atomically if both have the expected values. */
export function casPair(p: i32, low: i32, high: i32, low2: i32, high2: i32): boolean {
  pair[0] = low;
  pair[1] = high;
  const old = whole[0]!;
  pair[0] = low2;
  pair[1] = high2;
  return Atomics.compareExchange(longs, p >> 3, old, whole[0]!) === old;
}

export function notify(p: i32, n: i32): void {
  Atomics.notify(words, p >> 2, n);
}
export function copy(to: i32, from: i32, n: i32): void {
  bytes.copyWithin(to, from, from + n);
}
export function zero(p: i32, n: i32): void {
  bytes.fill(0, p, p + n);
}
/** Number of 64 KiB pages. */
export function pages(): i32 {
  return size >> 16;
}
export function grow(n: i32): boolean {
  return growTo(n);
}
/** Returns the 32 bits as an unsigned number. */
export function unsigned(v: i32): f64 {
  return v >>> 0;
}
export function leadingZeros(v: i32): i32 {
  return Math.clz32(v);
}
export function times(a: i32, b: i32): i32 {
  return Math.imul(a, b);
}
/** Reads a word after all previous reads. A plain atomic read may be reordered before them on some processors. */
export function again(p: i32): i32 {
  return Atomics.add(words, p >> 2, 0);
}
