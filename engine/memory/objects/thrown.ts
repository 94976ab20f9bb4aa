import { inspect, types } from 'node:util';
import { RemoteError, type Thrown } from '../../../proto/errors.js';

/** Maximum number of characters of a message or a stack. */
const LONGEST = 16_384;
/** Maximum number of errors in a chain of causes. */
const DEEPEST = 5;

/** Converts an error of users' code into an error of the contract. */
export function remoteError(error: unknown, object: string): RemoteError {
  const thrown = describe(error, DEEPEST);
  return new RemoteError(thrown.message, { object, thrown, mayHaveExecuted: true });
}

/** Describes a thrown value of any type. Never throws. */
function describe(error: unknown, depth: number): Thrown {
  try {
    return isError(error) ? errorParts(error, depth) : { className: 'Error', message: cut(textOf(error)), stack: '' };
  } catch (unreadable) {
    return {
      className: 'Error',
      message: 'what was thrown cannot be read',
      stack: isError(unreadable) ? cut(String(unreadable.stack)) : '',
    };
  }
}

function errorParts(error: Error & { code?: unknown }, depth: number): Thrown {
  const { message, stack, cause, code } = error;
  const parts: Thrown = { className: cut(nameOf(error)), message: cut(String(message)), stack: cut(String(stack ?? '')) };
  if (typeof code === 'string') parts.code = cut(code);
  else if (typeof code === 'number') parts.code = code;
  if (cause !== undefined && depth > 1) parts.cause = describe(cause, depth - 1);
  return parts;
}

/** Returns the error's own name, or else the name of its class, because many classes do not set `name`. */
function nameOf(error: Error): string {
  const prototype = Object.getPrototypeOf(error) as Error;
  if (Object.hasOwn(error, 'name') || Object.hasOwn(prototype, 'name')) return String(error.name);
  const { name } = prototype.constructor;
  // Node's internal error classes are no use to a reader, but their errors have a name.
  return name === '' || name === 'NodeError' ? String(error.name) : name;
}

/** Returns true for errors of any realm. */
function isError(value: unknown): value is Error {
  return types.isNativeError(value) || value instanceof Error;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : inspect(value);
}

function cut(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
