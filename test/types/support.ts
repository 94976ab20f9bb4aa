/** True if two types are the same, `any` and unions included. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the compiler compares such functions by identity of their types
export type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Fails to compile unless the type is `true`. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- it is there to be checked
export function holds<_T extends true>(): void {}

/** Takes a value of exactly this type: `typed<number>()(1 + 1)`. */

export function typed<E>(): <A>(value: A, ...other: Same<A, E> extends true ? [] : ['of another type']) => void {
  return () => {};
}

/** Compiled, never run. */
export function compiles(_program: (...given: never[]) => unknown): void {}
