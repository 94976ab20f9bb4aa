// Memory access in AssemblyScript: replaces memory.ts when the kernel is compiled to WebAssembly.
// @ts-nocheck
@inline export function load(p: i32): i32 { return atomic.load<i32>(p); }
@inline export function store(p: i32, v: i32): void { atomic.store<i32>(p, v); }
@inline export function peek(p: i32): i32 { return i32.load(p); }
@inline export function poke(p: i32, v: i32): void { i32.store(p, v); }
@inline export function peek8(p: i32): i32 { return i32.load8_u(p); }
@inline export function put(_self: i32, p: i32, v: i32): void { i32.store(p, v); }
@inline export function putF64(_self: i32, p: i32, v: f64): void { f64.store(p, v); }
@inline export function commit(_self: i32): void {}
@inline export function beginWake(_self: i32, _node: i32, _state: i32): void {}
@inline export function endWake(_self: i32): void {}
@inline export function peekF64(p: i32): f64 { return f64.load(p); }
@inline export function pokeF64(p: i32, v: f64): void { f64.store(p, v); }
@inline export function load64(to: i32, p: i32): void { i64.store(to, i64.atomic.load(p)); }
@inline export function store64(p: i32, from: i32): void { STORE64(p, i64.load(from)); }
@inline export function loadF64(p: i32): f64 { return f64.reinterpret_i64(i64.atomic.load(p)); }
@inline export function storeF64(p: i32, v: f64): void { STORE64(p, i64.reinterpret_f64(v)); }
@inline export function add(p: i32, d: i32): i32 { return atomic.add<i32>(p, d); }
@inline export function cas(p: i32, old: i32, v: i32): i32 { return atomic.cmpxchg<i32>(p, old, v); }
@inline export function exchange(p: i32, v: i32): i32 { return atomic.xchg<i32>(p, v); }
@inline export function casPair(p: i32, low: i32, high: i32, low2: i32, high2: i32): boolean {
  const old: u64 = (u64(u32(high)) << 32) | u64(u32(low));
  const next: u64 = (u64(u32(high2)) << 32) | u64(u32(low2));
  return atomic.cmpxchg<u64>(p, old, next) == old;
}
@inline export function notify(p: i32, n: i32): void { atomic.notify(p, n); }
@inline export function copy(to: i32, from: i32, n: i32): void { memory.copy(to, from, n); }
@inline export function zero(p: i32, n: i32): void { memory.fill(p, 0, n); }
@inline export function pages(): i32 { return memory.size(); }
@inline export function grow(n: i32): boolean { return memory.grow(n) >= 0; }
@inline export function unsigned(v: i32): f64 { return f64(u32(v)); }
@inline export function leadingZeros(v: i32): i32 { return i32.clz(v); }
@inline export function times(a: i32, b: i32): i32 { return a * b; }
@inline export function again(p: i32): i32 { return AGAIN; }
