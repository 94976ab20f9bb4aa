import { chmodSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { readTokens } from '../../../server/access/tokens-file.js';
import { Temporary } from '../../support/daemon.js';
import { writeTokens } from '../../support/tokens.js';

// The file of tokens: all that it may have in it, and the place of everything else.

describe('a file of tokens', () => {
  const SECRET = 'hidden-secret';
  const good = { name: 'a', token: SECRET, rights: [] };

  test.each([
    ['{', /it is no JSON/],
    [`[{"name": "a", "token": "${SECRET}" oops}]`, /it is no JSON/],
    [{}, /give a list/],
    [[1], /\[0\]: give an object with name, token, sha256, rights/],
    [[{ ...good, [SECRET.slice(0, 6)]: 1 }], /\[0\]: there is no field "hidden": the fields are name, token, sha256, rights/],
    [[{ ...good, name: 'a b' }], /\[0\]\.name: give 1 to 64 letters/],
    [[{ ...good, name: undefined }], /\[0\]\.name: give 1 to 64 letters/],
    [[{ ...good, token: '' }], /\[0\]\.token: give a text/],
    [[{ ...good, token: `${SECRET}\n` }], /\[0\]\.token: give a text/],
    [[{ ...good, sha256: 'ff' }], /\[0\]: give it a token or a sha256/],
    [[{ name: 'a', rights: [] }], /\[0\]: give it a token or a sha256/],
    [[{ name: 'a', sha256: SECRET, rights: [] }], /\[0\]\.sha256: give the SHA-256/],
    [[{ ...good, rights: undefined }], /\[0\]\.rights: give a list/],
    [[{ ...good, rights: [{ objects: '', verbs: [] }] }], /\[0\]\.rights\[0\]\.objects: give a name/],
    [[{ ...good, rights: [{ objects: '*', verbs: 'read' }] }], /\[0\]\.rights\[0\]\.verbs: give a list/],
    [[{ ...good, rights: [{ objects: '*', verbs: ['read', 'reed'] }] }], /\[0\]\.rights\[0\]\.verbs\[1\]: give one of read, write, admin/],
    [[{ ...good, rights: [{ objects: '*', verbs: [], verb: 'read' }] }], /\[0\]\.rights\[0\]: there is no field "verb"/],
    [[good, { ...good, token: 'other' }], /\[1\]: another token has the name "a"/],
    [[good, { ...good, name: 'b' }], /\[1\]: it is the same token as "a"/],
  ])('with %j is refused, and no secret is shown', (content, message) => {
    using directory = new Temporary();
    const file = directory.join('tokens.json');
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content), { mode: 0o600 });
    const refused = (about: object): void => expect(() => readTokens(file)).toThrow(expect.objectContaining(about));
    refused({ code: 'INVALID_ARGUMENT', message: expect.stringMatching(message) });
    refused({ message: expect.stringContaining(file) });
    refused({ message: expect.not.stringContaining(SECRET), stack: expect.not.stringContaining(SECRET) });
  });

  test.each([0o640, 0o604, 0o644])('that other users can read (%p) is refused', (mode) => {
    using directory = new Temporary();
    const file = writeTokens(directory, []);
    chmodSync(file, mode);
    expect(() => readTokens(file)).toThrow(/the file of tokens .*tokens\.json is open to others: chmod 600 it/);
  });

  test('has the SHA-256 of tokens, or tokens', () => {
    using directory = new Temporary();
    const rights = [{ objects: 'a*', verbs: ['read', 'admin'] }] as const;
    const [first, second] = readTokens(
      writeTokens(directory, [
        { name: 'first', token: 'password', rights },
        { name: 'second', sha256: '5E884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d9', rights: [] },
      ]),
    );
    expect(first).toMatchObject({ name: 'first', grants: [{ objects: 'a*', verbs: 5 }] });
    expect(first!.digest.subarray(0, 31).equals(second!.digest.subarray(0, 31))).toBe(true);
  });
});
