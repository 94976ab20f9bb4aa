import { createHash } from 'node:crypto';
import type { Grant, TokenRights } from '../../engine/core/rights.js';
import { InvalidArgumentError } from '../../proto/errors.js';
import { readSecret } from '../../proto/token-file.js';
import { Verb, type VerbName } from '../../proto/verbs.js';

/** A token that has a name. */
export interface NamedToken extends TokenRights {
  /** SHA-256 of the token. */
  readonly digest: Buffer;
}

/**
 * Reads a file of tokens: a list in JSON of `{ name, token, rights: [{ objects, verbs }] }`, where `sha256` can stand for `token`.
 * @throws InvalidArgumentError if the file is open to other users, or has anything else in it: with the place, and without any secret
 */
export function readTokens(file: string): NamedToken[] {
  const all = new FilePlace(file);
  const tokens = all.list(parse(readSecret('file of tokens', file), all)).map(([value, at]) => tokenAt(value, at));
  tokens.forEach(({ name, digest }, index) => {
    for (const before of tokens.slice(0, index)) {
      if (before.name === name) all.item(index).fail(`another token has the name "${name}" already: give each its own`);
      if (before.digest.equals(digest)) all.item(index).fail(`it is the same token as "${before.name}": give each its own`);
    }
  });
  return tokens;
}

/** A place in the file, for errors. */
class FilePlace {
  constructor(
    private readonly file: string,
    private readonly path = '',
  ) {}

  fail(why: string): never {
    throw new InvalidArgumentError(`the file of tokens ${this.file}${this.path === '' ? '' : `, ${this.path}`}: ${why}`);
  }

  item(index: number): FilePlace {
    return new FilePlace(this.file, `${this.path}[${index}]`);
  }

  field(name: string): FilePlace {
    return new FilePlace(this.file, `${this.path}.${name}`);
  }

  text(value: unknown, form: RegExp, why: string): string {
    return typeof value === 'string' && form.test(value) ? value : this.fail(why);
  }

  list(value: unknown): [value: unknown, at: FilePlace][] {
    if (!Array.isArray(value)) this.fail('give a list');
    return value.map((item, index) => [item, this.item(index)]);
  }

  fields<K extends string>(value: unknown, known: readonly K[]): Partial<Record<K, unknown>> {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) this.fail(`give an object with ${known.join(', ')}`);
    for (const name of Object.keys(value)) {
      if (!known.includes(name as K)) this.fail(`there is no field ${JSON.stringify(name)}: the fields are ${known.join(', ')}`);
    }
    return value;
  }
}

/** The error of JSON.parse is left out, since it shows a part of the text. */
function parse(text: string, all: FilePlace): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const position = /position (\d+)/.exec((error as Error).message)?.[1];
    const line = position === undefined ? '' : ` (line ${text.slice(0, Number(position)).split('\n').length})`;
    return all.fail(`it is no JSON${line}`);
  }
}

function tokenAt(value: unknown, at: FilePlace): NamedToken {
  const { name, token, sha256, rights } = at.fields(value, ['name', 'token', 'sha256', 'rights']);
  if ((token === undefined) === (sha256 === undefined)) at.fail('give it a token or a sha256, and not both');
  return {
    // It stands in errors.
    name: at.field('name').text(name, /^[\w.-]{1,64}$/, 'give 1 to 64 letters, digits, dots, hyphens or underscores'),
    digest: sha256 === undefined ? digestOf(token, at.field('token')) : digestFrom(sha256, at.field('sha256')),
    grants: at
      .field('rights')
      .list(rights)
      .map(([grant, place]) => grantAt(grant, place)),
  };
}

function digestOf(value: unknown, at: FilePlace): Buffer {
  const token = at.text(value, /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/, 'give a text of printable ASCII characters');
  return createHash('sha256').update(token).digest();
}

function digestFrom(value: unknown, at: FilePlace): Buffer {
  return Buffer.from(at.text(value, /^[0-9a-f]{64}$/i, 'give the SHA-256 of a token, as 64 hexadecimal digits'), 'hex');
}

function grantAt(value: unknown, at: FilePlace): Grant {
  const { objects, verbs } = at.fields(value, ['objects', 'verbs']);
  const names = at.field('verbs').list(verbs);
  return {
    objects: at.field('objects').text(objects, /./, 'give a name, in which * stands for any characters'),
    verbs: names.reduce((sum, [verb, place]) => sum | verbAt(verb, place), 0),
  };
}

function verbAt(value: unknown, at: FilePlace): number {
  if (typeof value === 'string' && Object.hasOwn(Verb, value)) return Verb[value as VerbName];
  return at.fail(`give one of ${Object.keys(Verb).join(', ')}`);
}
