import { MESSAGE, type MessageForm, type MessageSchema } from '../../proto/codec/message.js';
import { AnyMessage } from '../../proto/codec/opaque.js';
import { InvalidArgumentError, SchemaError, type SchemaIssue } from '../../proto/errors.js';
import type { Key } from '../../proto/wire/values.js';

/** A schema that checks values at run time. @typeParam V the values that it accepts */
export type Schema<V = unknown> = StandardSchema<V> | MessageSchema<V>;

/** The part of a Standard Schema, version 1, that this client uses (https://standardschema.dev). */
export interface StandardSchema<V = unknown> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    /** Must be synchronous, because calls start in the order in which they are made. */
    readonly validate: (value: unknown) => StandardResult<V> | Promise<StandardResult<V>>;
    readonly types?: { readonly input: unknown; readonly output: V } | undefined;
  };
}

/** Result of a Standard Schema for a value. */
export type StandardResult<V> = { readonly value: V; readonly issues?: undefined } | { readonly issues: readonly StandardIssue[] };

/** A problem found by a Standard Schema. */
export interface StandardIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** Converts values to their stored form and back, for one kind of schema. Both throw {@link Refusal}. */
interface Form {
  store(value: unknown): unknown;
  load(stored: unknown): unknown;
}

/** The reason why a schema refuses a value. */
class Refusal {
  constructor(
    readonly issues: readonly SchemaIssue[],
    readonly cause?: unknown,
  ) {}
}

/** The schema of one proxy. */
export class Checker {
  readonly #form: Form;

  /** @throws InvalidArgumentError if it is not a schema */
  constructor(
    schema: unknown,
    private readonly kind: string,
    private readonly name: string,
  ) {
    this.#form = formOf(schema, kind, name);
  }

  /**
   * Returns the stored form of a user's value.
   * @throws SchemaError
   */
  store(value: unknown): unknown {
    try {
      return this.#form.store(value);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { issues, cause } = error;
      throw new SchemaError(`the schema of the ${this.kind} "${this.name}" refuses this value: ${listed(issues)}`, {
        object: this.name,
        issues,
        cause,
      });
    }
  }

  /**
   * Returns the user's value of a stored one.
   * @param key its key, for the error
   * @throws SchemaError, with the stored value as its `value`
   */
  load(stored: unknown, key: Key | undefined): unknown {
    try {
      return this.#form.load(stored);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { issues, cause } = error;
      const place = key === undefined ? '' : ` under ${typeof key === 'string' ? JSON.stringify(key) : String(key)}`;
      throw new SchemaError(`the ${this.kind} "${this.name}" holds a value${place} that the schema refuses: ${listed(issues)}`, {
        object: this.name,
        issues,
        cause,
        value: stored,
        key,
        mayHaveExecuted: true,
      });
    }
  }
}

function formOf(schema: unknown, kind: string, name: string): Form {
  const given = (typeof schema === 'object' || typeof schema === 'function') && schema !== null ? schema : {};
  if (MESSAGE in given) return messageForm((given as MessageSchema)[MESSAGE]);
  if ('~standard' in given) {
    const standard = given['~standard'] as Partial<StandardSchema['~standard']> | null;
    if (standard?.version === 1 && typeof standard.validate === 'function') return standardForm(given as StandardSchema);
  }
  const { kind: sort, typeName } = given as { kind?: unknown; typeName?: unknown };
  throw new InvalidArgumentError(
    sort === 'message' && typeof typeName === 'string'
      ? `the schema of the ${kind} "${name}" is a bare descriptor of ${typeName}: wrap it, as messageSchema of commonhold/proto does`
      : `the schema of the ${kind} "${name}" is not a schema: give a Standard Schema (version 1), as zod and valibot do, or messageSchema(...)`,
    { object: name },
  );
}

function standardForm(schema: StandardSchema): Form {
  const check = (value: unknown): unknown => {
    let result: unknown;
    try {
      result = schema['~standard'].validate(value);
    } catch (cause) {
      throw new Refusal([issue(`the schema threw: ${messageOf(cause)}`)], cause);
    }
    if (typeof result !== 'object' || result === null) throw new Refusal([issue('the schema returned neither a value nor issues')]);
    if (typeof (result as Partial<Promise<unknown>>).then === 'function') {
      // Its result is not awaited, so a rejection must not count as unhandled.
      (result as Promise<unknown>).then(undefined, () => {});
      throw new Refusal([issue('the schema is asynchronous: it must be synchronous, because calls start in order')]);
    }
    const { issues, value: accepted } = result as { issues?: unknown; value?: unknown };
    if (issues) throw new Refusal(Array.isArray(issues) ? issues.map(plainIssue) : [issue('refused')]);
    return accepted;
  };
  return { store: check, load: check };
}

function messageForm({ typeName, encode, decode }: MessageForm<unknown>): Form {
  return {
    store(value) {
      try {
        return new AnyMessage(`type.googleapis.com/${typeName}`, encode(value));
      } catch (error) {
        const { path } = error as { path?: unknown };
        throw new Refusal([issue(messageOf(error), Array.isArray(path) ? (path as SchemaIssue['path']) : [])]);
      }
    },
    load(stored) {
      if (!(stored instanceof AnyMessage)) throw new Refusal([issue(`this is not a protobuf message; expected ${typeName}`)]);
      const found = stored.typeUrl.slice(stored.typeUrl.lastIndexOf('/') + 1);
      if (found !== typeName) throw new Refusal([issue(`this is a ${found}; expected ${typeName}`)]);
      try {
        return decode(stored.value);
      } catch (error) {
        throw new Refusal([issue(`this is not a valid ${typeName}: ${messageOf(error)}`)]);
      }
    },
  };
}

function issue(message: string, path: SchemaIssue['path'] = []): SchemaIssue {
  return { message, path };
}

/** Copies an issue to a plain object that can be sent: validators add values, and even themselves, to issues. */
function plainIssue(found: Partial<StandardIssue> | null | undefined): SchemaIssue {
  const path = Array.isArray(found?.path) ? found.path : [];
  return issue(String(found?.message ?? 'refused'), path.map(segment));
}

function segment(part: PropertyKey | { readonly key: PropertyKey }): string | number {
  const key = typeof part === 'object' && part !== null ? part.key : part;
  return typeof key === 'number' ? key : String(key);
}

const NAMED = 3;

/** Formats the first issues for the message of an error. */
function listed(issues: readonly SchemaIssue[]): string {
  const named = issues.slice(0, NAMED).map(({ message, path }) => (path.length === 0 ? message : `at ${path.join('.')}: ${message}`));
  const rest = issues.length - named.length;
  return (named.join('; ') || 'no reason given') + (rest > 0 ? `; and ${rest} more` : '');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
