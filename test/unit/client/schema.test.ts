import { describe, expect, it } from '@jest/globals';
import { Checker } from '../../../client/objects/schema.js';
import { errorOf, errorParts } from '../../../proto/codec/failure.js';
import { SchemaError } from '../../../proto/errors.js';

/** A checker whose validator may answer anything. */
function checker(validate: (value: unknown) => unknown): Checker {
  return new Checker({ '~standard': { version: 1, vendor: 'test', validate } }, 'dict', 'users');
}

function refusal(run: () => unknown): SchemaError {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(SchemaError);
    return error as SchemaError;
  }
  throw new Error('nothing was refused');
}

describe('a validator', () => {
  it('may be a function that has the property, as in arktype', () => {
    const schema = Object.assign(() => 1, { '~standard': { version: 1, vendor: 'test', validate: () => ({ value: 5 }) } });
    expect(new Checker(schema, 'dict', 'users').store(1)).toBe(5);
  });

  it('that throws is a refusal, with its error as the cause', () => {
    const cause = new RangeError('broken');
    const failing = checker(() => {
      throw cause;
    });
    expect(refusal(() => failing.store(1))).toMatchObject({ cause, message: expect.stringContaining('the schema threw: broken') });
    expect(refusal(() => failing.load('x', undefined))).toMatchObject({ cause, value: 'x' });
  });

  it('that is async is a refusal, and a rejection of its promise is ignored', async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.on('unhandledRejection', note);
    const late = checker(() => Promise.reject(new Error('late')));
    expect(refusal(() => late.store(1)).message).toContain('asynchronous');
    expect(refusal(() => late.load('x', undefined)).value).toBe('x');
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a flag', false],
  ])('that answers %s is a refusal', (_, answer) => {
    expect(refusal(() => checker(() => answer).store(1)).message).toContain('neither a value nor issues');
  });

  it('may say little: issues without a path, without a message, or none at all', () => {
    const issues = [{ message: 'wrong' }, {}, null, { message: 'deep', path: ['a', 0, { key: 'b' }, Symbol('c')] }];
    expect(refusal(() => checker(() => ({ issues })).store(1)).issues).toEqual([
      { message: 'wrong', path: [] },
      { message: 'refused', path: [] },
      { message: 'refused', path: [] },
      { message: 'deep', path: ['a', 0, 'b', 'Symbol(c)'] },
    ]);
    expect(refusal(() => checker(() => ({ issues: [] })).store(1)).message).toContain('no reason');
    expect(refusal(() => checker(() => ({ issues: 'odd' })).store(1)).issues).toEqual([{ message: 'refused', path: [] }]);
  });

  it('that says much is quoted in part', () => {
    const issues = Array.from({ length: 10 }, (_, index) => ({ message: `m${index}`, path: [index] }));
    const error = refusal(() => checker(() => ({ issues })).store(1));
    expect(error.message).toMatch(/at 0: m0; at 1: m1; at 2: m2; and 7 more$/);
    expect(error.issues).toHaveLength(10);
  });
});

describe('a SchemaError', () => {
  it('keeps its fields on its way out of a worker', () => {
    const error = refusal(() => checker(() => ({ issues: [{ message: 'wrong', path: ['a'] }] })).load('', 'key'));
    expect(errorOf({ ...errorParts(error) })).toMatchObject({
      code: 'SCHEMA',
      object: 'users',
      issues: [{ message: 'wrong', path: ['a'] }],
      value: '',
      key: 'key',
      mayHaveExecuted: true,
    });
  });
});
