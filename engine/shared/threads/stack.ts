import { compileFunction } from 'node:vm';

/**
 * Bytes of stack that must be free before an operation begins: for its own calls, and for V8, which compiles a function at its first call
 * only if some tens of KiB are free. 32 KiB are not enough.
 */
const OPERATION = 80 * 1024;
/** Bytes of stack that must be free for a part of an operation: fewer, so that a part never fails after the operation has begun. */
const PART = 64 * 1024;

/** Number of arguments that makes a call too long for V8 to inline its function: the stack check would be lost with the frame. */
const ARGUMENTS = 130;

/**
 * Makes a function that throws RangeError if fewer than `bytes` of the stack are free. V8 checks at the start of a function that its frame
 * fits, and the frame has a register for each variable, used or not. Optimized code checks it too, as long as it may have to return to the
 * interpreter; the call that is never made keeps that possible.
 */
function stackCheck(bytes: number): () => void {
  const variables = Array.from({ length: bytes / 8 }, (_, index) => `v${index}`).join();
  const code = `if (never) never(${'0,'.repeat(ARGUMENTS)}); if (false) { var ${variables}; [${variables}]; }`;
  return compileFunction(code, ['never']) as () => void;
}

/** Throws RangeError if the stack could end in the middle of an operation, before the operation has taken or changed anything. */
export let assertStack = (): void => {
  compile();
  assertStack();
};

/** Like {@link assertStack}, for giving back and for taking a guard: both may be parts of an operation that has begun. */
export let assertStackWithin = (): void => {
  compile();
  assertStackWithin();
};

/** Compiles both checks at the first call of either. It takes tens of milliseconds, which programs without shared memory are spared. */
function compile(): void {
  [assertStack, assertStackWithin] = [stackCheck(OPERATION), stackCheck(PART)];
}
