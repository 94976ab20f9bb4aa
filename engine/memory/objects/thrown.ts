import { inspect, types } from 'node:util';
import { RemoteError, type Thrown } from '../../../proto/errors.js';

/** Characters of a message or a stack that travel. */
const LONGEST = 16_384;
/** Errors of a chain of causes that travel. */
const DEEPEST = 5;

/** What the code of a registered type threw, as an error of the contract. */
export function remoteError(error: unknown, object: string): RemoteError {
  const thrown = describe(error, DEEPEST);
  return new RemoteError(thrown.message, { object, thrown, mayHaveExecuted: true });
}

/** Whatever was thrown, which may be anything, in words. */
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

/**
 * The name that an error says it has, and else that of its class: many classes leave `name` as they
 * inherit it.
 */
function nameOf(error: Error): string {
  const prototype = Object.getPrototypeOf(error) as Error;
  if (Object.hasOwn(error, 'name') || Object.hasOwn(prototype, 'name')) return String(error.name);
  const { name } = prototype.constructor;
  // Node's own errors are of classes that are none of anyone's business.
  return name === '' || name === 'NodeError' ? String(error.name) : name;
}

/** Errors may come from other realms. */
function isError(value: unknown): value is Error {
  return types.isNativeError(value) || value instanceof Error;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : inspect(value);
}

function cut(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
