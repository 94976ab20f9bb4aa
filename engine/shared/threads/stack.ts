import { compileFunction } from 'node:vm';

/**
 * Bytes of the stack that an operation finds free before it begins: for its own calls, and for V8, which compiles a function at its
 * first call only where some tens of KiB are free. 32 KiB are too few.
 */
const OPERATION = 80 * 1024;
/** Bytes that a part of an operation finds free: so many fewer that it finds them wherever the operation has begun. */
const PART = 64 * 1024;

/** A call with so many arguments is too long for V8 to inline the function, whose frame would be looked at no more. */
const ARGUMENTS = 130;

/**
 * Makes a function that throws the RangeError of a full stack where less than so many bytes of it are free. V8 looks at the
 * beginning of a function whether its frame fits, also where it is compiled, as long as it may have to go back to the interpreter: here for a call that is
 * never made. The frame has a register for each variable, used or not.
 */
function stackCheck(bytes: number): () => void {
  const variables = Array.from({ length: bytes / 8 }, (_, index) => `v${index}`).join();
  const code = `if (never) never(${'0,'.repeat(ARGUMENTS)}); if (false) { var ${variables}; [${variables}]; }`;
  return compileFunction(code, ['never']) as () => void;
}

/** Throws RangeError where the stack might end in the middle of an operation, before that has taken or changed anything. */
export let assertStack = (): void => {
  compile();
  assertStack();
};

/** As {@link assertStack}, for giving back what was taken, and for what takes a guard: both may be parts of an operation that has begun. */
export let assertStackWithin = (): void => {
  compile();
  assertStackWithin();
};

/** Compiles both at the first call of either: that takes tens of milliseconds, which a program without shared memory does not pay. */
function compile(): void {
  [assertStack, assertStackWithin] = [stackCheck(OPERATION), stackCheck(PART)];
}
