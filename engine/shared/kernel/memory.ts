import type { f64, i32 } from './types.js';
import { N_TOKEN, N_WAIT, S_JOURNAL, S_TELLING, S_TELLING_STATE, S_TELLING_TOKEN, S_TELLING_WAIT } from './layout.js';

/**
 * What the kernel does to the memory, a line each. The kernel's source is one, and is compiled twice: by
 * TypeScript, on top of this file, which is the twin for tests and for where WebAssembly is not allowed; and
 * by AssemblyScript, on top of memory.as, which has the same functions and makes each an instruction.
 *
 * In WebAssembly a thread cannot be ended between two instructions that neither loop nor call. Here it can,
 * so that changes of objects are written down before they are made ({@link put}), and whoever clears a dead
 * thread away takes back what was half done.
 */
let words: Int32Array = new Int32Array();
let bytes: Uint8Array = new Uint8Array();
let doubles: Float64Array = new Float64Array();
let longs: BigInt64Array = new BigInt64Array();
let growTo: (pages: number) => boolean = () => false;
let size = 0;

/** Another memory of this thread. */
export interface BoundMemory {
  readonly words: Int32Array;
  readonly bytes: Uint8Array;
  readonly doubles: Float64Array;
  readonly longs: BigInt64Array;
}

/** The memory on which the functions work from now on. */
export function bind(to: BoundMemory, grows: (pages: number) => boolean): void {
  ({ words, bytes, doubles, longs } = to);
  size = bytes.length;
  growTo = grows;
}

/** Reads and writes in one order for all threads. */
export function load(p: i32): i32 {
  return Atomics.load(words, p >> 2);
}
export function store(p: i32, v: i32): void {
  Atomics.store(words, p >> 2, v);
}

/** Reads and writes of what no other thread works on. */
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

/** A write that changes an object: it is taken back where the thread ends before {@link settled}. */
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
/** The change is whole. */
export function settled(self: i32): void {
  words[(self + S_JOURNAL) >> 2] = 0;
}

/** From {@link settled} until {@link told}, one who waits is told what became of it, by the one that clears the thread away if it ends. */
export function telling(self: i32, node: i32, state: i32): void {
  words[(self + S_TELLING_WAIT) >> 2] = words[(node + N_WAIT) >> 2]!;
  words[(self + S_TELLING_TOKEN) >> 2] = words[(node + N_TOKEN) >> 2]!;
  words[(self + S_TELLING_STATE) >> 2] = state;
  words[(self + S_TELLING) >> 2] = node;
}
export function told(self: i32): void {
  words[(self + S_TELLING) >> 2] = 0;
}

/** 64 bits at a time, which no other thread sees half. */
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
/** Exchanges two words at once, where both are what is expected. */
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
/** Pages of 64 KiB that there are. */
export function pages(): i32 {
  return size >> 16;
}
export function grow(n: i32): boolean {
  return growTo(n);
}
/** What 32 bits are without a sign. */
export function unsigned(v: i32): f64 {
  return v >>> 0;
}
export function leadingZeros(v: i32): i32 {
  return Math.clz32(v);
}
export function times(a: i32, b: i32): i32 {
  return Math.imul(a, b);
}
/** Reads a word after all that was read before: a read alone may be early. */
export function again(p: i32): i32 {
  return Atomics.add(words, p >> 2, 0);
}
