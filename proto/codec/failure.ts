import { ManagerError, RemoteError, fromWire, toWire, type QueueFullError } from '../errors.js';
import { malformed } from './refuse.js';

/** Classes an error comes back as. A class of the user's comes back as the nearest one of these, with its name. */
const CLASSES: Readonly<Record<string, ErrorConstructor>> = {
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
};

/** What travels in other parts, or is the class's own. */
const NOT_OWN = new Set(['name', 'message', 'stack', 'cause', 'errors']);
const NOT_OWN_OF_MANAGER = new Set([...NOT_OWN, 'code', 'retryable', 'mayHaveExecuted', 'object', 'method', 'accepted']);

/** An error taken apart: what the extension's body holds. */
export interface ErrorParts {
  /** Name of a builtin class, "AggregateError", or "ManagerError". */
  class: string;
  message: string;
  /** Where it is not the name of the class. */
  name?: string;
  stack?: string;
  cause?: unknown;
  /** Of an AggregateError. */
  errors?: unknown;
  /** Enumerable properties of its own. */
  own?: Record<string, unknown>;
  /** Of an error of commonhold: its number in `commonhold.v1.ErrorCode`, and what else it says. */
  code?: number;
  object?: string;
  method?: string;
  retryable?: boolean;
  mayHaveExecuted?: boolean;
  accepted?: number;
  /** Of what a registered type threw, which has a name of its own too: its own code. */
  thrownCode?: string | number;
}

/** Takes an error apart. */
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

/** By name, not by identity: the error may be of another realm. */
function nearestClass(error: Error): string {
  for (let at = Object.getPrototypeOf(error) as object | null; at !== null; at = Object.getPrototypeOf(at) as object | null) {
    const name = (at as { constructor?: { name?: unknown } }).constructor?.name;
    if (typeof name === 'string' && (name === 'AggregateError' || Object.hasOwn(CLASSES, name))) return name;
  }
  return 'Error';
}

/** Puts an error together; `parts` came over the wire and may be anything. */
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
