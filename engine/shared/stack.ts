import { compileFunction } from 'node:vm';

/**
 * Bytes of the stack that an operation finds free before it begins. Its calls take some 12 KiB, also in the interpreter, and with
 * all that comes in between; but V8 compiles a function, at its first call, only where 40 KiB are free.
 */
const OPERATION = 80 * 1024;
/** Bytes that a part of an operation finds free: so many fewer that it finds them wherever the operation has begun. */
const PART = 64 * 1024;

/**
 * Makes a function that throws the RangeError of a full stack where less than so many bytes of it are free. V8 looks at the
 * beginning of a function whether its frame fits, also where the function is compiled; this one's has a register for each
 * argument of a call that is never made. So many arguments also keep it from being inlined, where nothing would be looked at.
 */
export function stackCheck(bytes: number): () => void {
  const registers = bytes / 8;
  return compileFunction(`if (never) never(${'0,'.repeat(registers)})`, ['never']) as () => void;
}

/** Throws RangeError where the stack might end in the middle of an operation, before that has taken or changed anything. */
export const assertStack = stackCheck(OPERATION);

/** As {@link assertStack}, for giving back what was taken, and for what takes a guard: both may be parts of an operation that has begun. */
export const assertStackWithin = stackCheck(PART);
