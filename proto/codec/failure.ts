import { ManagerError, RemoteError, fromWire, toWire, type QueueFullError } from '../errors.js';
import { malformed } from './refuse.js';

/** Classes of decoded errors. An error of a user's class becomes one of the nearest of these, with its own name. */
const CLASSES: Readonly<Record<string, ErrorConstructor>> = {
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
};

/** Properties that travel in parts of their own, or belong to the class. */
const NOT_OWN = new Set(['name', 'message', 'stack', 'cause', 'errors']);
const NOT_OWN_OF_MANAGER = new Set([...NOT_OWN, 'code', 'retryable', 'mayHaveExecuted', 'object', 'method', 'accepted']);

/** The parts of an error in the body of the extension. */
export interface ErrorParts {
  /** Name of a builtin class, "AggregateError", or "ManagerError". */
  class: string;
  message: string;
  /** Present if it differs from the name of the class. */
  name?: string;
  stack?: string;
  cause?: unknown;
  /** For an AggregateError. */
  errors?: unknown;
  /** Its own enumerable properties. */
  own?: Record<string, unknown>;
  /** For an error of commonhold: its number in `commonhold.v1.ErrorCode`, and its other properties. */
  code?: number;
  object?: string;
  method?: string;
  retryable?: boolean;
  mayHaveExecuted?: boolean;
  accepted?: number;
  /** For an error of a registered type, which has a name as well: its own code. */
  thrownCode?: string | number;
}

/** Splits an error into its parts. */
export function errorParts(error: Error): ErrorParts {
  const manager = error instanceof ManagerError;
  const parts: ErrorParts = { class: manager ? 'ManagerError' : nearestClass(error), message: String(error.message) };
  if (manager) Object.assign(parts, managerParts(error));
  if (manager ? error instanceof RemoteError : String(error.name) !== parts.class) parts.name = String(error.name);
  if (typeof error.stack === 'string') parts.stack = error.stack;
  if (Object.hasOwn(error, 'cause')) parts.cause = error.cause;
  if (Object.hasOwn(error, 'errors')) parts.errors = (error as AggregateError).errors;
  const own = Object.keys(error).filter((key) => !(manager ? NOT_OWN_OF_MANAGER : NOT_OWN).has(key));
  if (own.length > 0) {
    parts.own = {};
    for (const key of own) define(parts.own, key, (error as unknown as Record<string, unknown>)[key], true);
  }
  return parts;
}

function managerParts(error: ManagerError): Partial<ErrorParts> {
  const { code, object, method, retryable, mayHaveExecuted } = toWire(error);
  const { accepted } = error as QueueFullError;
  const parts: Partial<ErrorParts> = { code, retryable, mayHaveExecuted };
  if (object !== '') parts.object = object;
  if (method !== '') parts.method = method;
  if (accepted !== undefined) parts.accepted = accepted;
  if (error instanceof RemoteError && error.code !== RemoteError.code) parts.thrownCode = error.code as string | number;
  return parts;
}

/** Compares by name, because the error may be of another realm. */
function nearestClass(error: Error): string {
  for (let at = Object.getPrototypeOf(error) as object | null; at !== null; at = Object.getPrototypeOf(at) as object | null) {
    const name = (at as { constructor?: { name?: unknown } }).constructor?.name;
    if (typeof name === 'string' && (name === 'AggregateError' || Object.hasOwn(CLASSES, name))) return name;
  }
  return 'Error';
}

/** Makes an error of its parts, which were received and may be of any type. */
export function errorOf(parts: Record<string, unknown>): Error {
  const message = text(parts['message']) ?? '';
  const className = text(parts['class']) ?? 'Error';
  const error = className === 'ManagerError' ? managerError(message, parts) : builtinError(className, message);
  const name = text(parts['name']);
  if (name !== undefined) define(error, 'name', name, false);
  define(error, 'stack', text(parts['stack']) ?? `${error.name}: ${message}`, false);
  if (Object.hasOwn(parts, 'cause')) define(error, 'cause', parts['cause'], false);
  if (Object.hasOwn(parts, 'errors')) define(error, 'errors', parts['errors'], false);
  const reserved = error instanceof ManagerError ? NOT_OWN_OF_MANAGER : NOT_OWN;
  const { own } = parts;
  if (typeof own === 'object' && own !== null) {
    for (const [key, value] of Object.entries(own)) {
      if (!reserved.has(key)) define(error, key, value, true);
    }
  }
  return error;
}

function builtinError(name: string, message: string): Error {
  if (name === 'AggregateError') return new AggregateError([], message);
  const type = Object.hasOwn(CLASSES, name) ? CLASSES[name] : undefined;
  if (type === undefined) throw malformed(`an error of the unknown class ${JSON.stringify(name)}`);
  return new type(message);
}

function managerError(message: string, parts: Record<string, unknown>): ManagerError {
  const { code, accepted, thrownCode } = parts;
  const error = fromWire({
    code: typeof code === 'number' ? code : 0,
    message,
    object: text(parts['object']) ?? '',
    method: text(parts['method']) ?? '',
    retryable: parts['retryable'] === true,
    mayHaveExecuted: parts['mayHaveExecuted'] === true,
    accepted: typeof accepted === 'number' ? accepted : undefined,
  });
  const coded = typeof thrownCode === 'string' || typeof thrownCode === 'number';
  if (coded && error instanceof RemoteError) define(error, 'code', thrownCode, true);
  return error;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function define(target: object, key: string, value: unknown, enumerable: boolean): void {
  Object.defineProperty(target, key, { value, enumerable, configurable: true, writable: true });
}
