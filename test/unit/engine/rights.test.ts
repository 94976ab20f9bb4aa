import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { createFileRegistry, fromBinary, type DescMessage } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { assertAllowed, LimitedRights, mayRead, type Grant } from '../../../engine/core/rights.js';
import { PermissionDeniedError } from '../../../proto/errors.js';
import { AtomicService } from '../../../proto/gen/commonhold/v1/atomic_wire.js';
import { DictService } from '../../../proto/gen/commonhold/v1/dict_wire.js';
import { HomeService } from '../../../proto/gen/commonhold/v1/home_wire.js';
import { ManagerService } from '../../../proto/gen/commonhold/v1/manager_wire.js';
import { ObjectService } from '../../../proto/gen/commonhold/v1/object_wire.js';
import { QueueService } from '../../../proto/gen/commonhold/v1/queue_wire.js';
import { isOpener, methods } from '../../../proto/methods.js';
import { Verb, verbNames } from '../../../proto/verbs.js';
import type { Method } from '../../../proto/wire/codec.js';
import { encodeMessage } from '../../../proto/wire/message.js';
import { Writer } from '../../../proto/wire/writer.js';
import { reference } from '../../support/engine-world.js';

// The rights that each call needs. Methods and fields come from the contract, so that new ones are tested too.

const registry = createFileRegistry(
  fromBinary(FileDescriptorSetSchema, readFileSync(new URL('../../../proto/descriptors.binpb', import.meta.url))),
);
const ALL = Verb.read | Verb.write | Verb.admin;

function rights(...grants: Grant[]): LimitedRights {
  return LimitedRights.of({ name: 'tester', grants })!;
}

/** Returns true if a call is allowed. */
function allows<I, O>(grants: readonly Grant[], method: Method<I, O>, request: object): boolean {
  try {
    assertAllowed(rights(...grants), method, request);
    return true;
  } catch (error) {
    if (error instanceof PermissionDeniedError) return false;
    throw error;
  }
}

/** The others have names elsewhere. */
const ofOneObject = methods.filter((method) => method.verbs !== 0 && method !== HomeService.methods.backup && hasField(method, 'name'));

function hasField({ input }: Method, name: string): boolean {
  return registry.getMessage(input.typeName)!.fields.some((field) => field.localName === name);
}

test('each method needs exactly its verbs, on the object that its request names', () => {
  for (const method of ofOneObject) {
    const request = { name: 'own.object', arguments: [] };
    const sufficient = Array.from({ length: ALL + 1 }, (_, verbs) => verbs).filter((verbs) =>
      allows([{ objects: 'own.*', verbs }], method, request),
    );
    const either = isOpener(method);
    const wanted = Array.from({ length: ALL + 1 }, (_, verbs) => verbs).filter((verbs) =>
      either ? (verbs & (Verb.read | Verb.write)) !== 0 : (verbs & method.verbs) === method.verbs,
    );
    expect([method.name, sufficient]).toEqual([method.name, wanted]);
    expect([method.name, allows([{ objects: 'other.*', verbs: ALL }], method, request)]).toEqual([method.name, false]);
  }
});

test('the verbs that methods need, beside the ones of each kind of method', () => {
  const byRule = (method: Method): number =>
    method.idempotency === 'read' ? Verb.read : method.output.payloads === undefined ? Verb.write : Verb.read | Verb.write;
  const others = methods.filter((method) => method.verbs !== byRule(method));
  expect(others.map(({ name, verbs }) => `${name.slice('commonhold.v1.'.length)}: ${verbNames(verbs).join(' ') || 'none'}`).sort()).toEqual(
    [
      'ArrayService/CompareAndSet: read write',
      'AtomicService/Commit: write',
      'DictService/CompareAndSet: read write',
      'EventService/Wait: read',
      'HomeService/Answer: none',
      'HomeService/Backup: read write',
      'HomeService/Leave: none',
      'HomeService/Next: none',
      'HomeService/Offer: read write',
      'HomeService/Withdraw: none',
      'ListService/CompareAndSet: read write',
      'ManagerService/Claim: read',
      'ManagerService/Destroy: admin',
      'ManagerService/Dismiss: none',
      'ManagerService/Dump: read admin',
      'ManagerService/Expire: admin',
      'ManagerService/Info: none',
      'ManagerService/ListObjects: none',
      'ManagerService/ListSessions: none',
      'ManagerService/ListSlowCalls: none',
      'ManagerService/Locks: none',
      'ManagerService/Stats: none',
      'NamespaceService/CompareAndSet: read write',
      'ObjectService/ListTypes: none',
      'PathService/CompareAndSet: read write',
      'ValueService/CompareAndSet: read write',
    ],
  );
});

/** Fields of requests with the names of objects, and what they need there. */
const MENTIONS: Readonly<Record<string, { readonly request: object; readonly verbs: number }>> = {
  otherName: { request: { otherName: 'other' }, verbs: Verb.read },
  lock: { request: { lock: 'other' }, verbs: Verb.write },
  rlock: { request: { rlock: 'other' }, verbs: Verb.write },
  queue: { request: { deadLetter: { queue: 'other' } }, verbs: Verb.write },
};
/** Other texts in requests. A new one belongs into one of the two lists. */
const NO_NAMES = ['by', 'id', 'kind', 'match', 'member', 'message', 'method', 'owner', 'pageToken', 'prefix', 'property', 'reason', 'type'];

test('each text in a request is the name of an object, or known to be none', () => {
  const found = new Set<string>();
  const visit = (message: DescMessage, seen: ReadonlySet<DescMessage>): void => {
    if (/\.(Payload|Key|Error|Notice)$/.test(message.typeName) || seen.has(message)) return;
    for (const field of message.fields) {
      if (field.fieldKind === 'scalar' && field.scalar === 9) found.add(field.localName);
      const inner = field.message;
      if (inner !== undefined) visit(inner, new Set([...seen, message]));
    }
  };
  for (const { input } of methods) visit(registry.getMessage(input.typeName)!, new Set());
  expect([...found].sort()).toEqual([...NO_NAMES, 'name', ...Object.keys(MENTIONS)].sort());
});

test.each(Object.entries(MENTIONS))('a call needs a right on the object in its field "%s" too', (field, { request, verbs }) => {
  const own = { objects: 'own', verbs: ALL };
  for (const method of methods.filter((method) => method.verbs !== 0 && hasField(method, field === 'queue' ? 'deadLetter' : field))) {
    const whole = { name: 'own', ...request };
    expect([method.name, allows([own], method, whole)]).toEqual([method.name, false]);
    expect([method.name, allows([own, { objects: 'other', verbs: ALL & ~verbs }], method, whole)]).toEqual([method.name, false]);
    expect([method.name, allows([own, { objects: 'other', verbs }], method, whole)]).toEqual([method.name, true]);
  }
});

test('a fence needs a right on its lock', () => {
  const own = { objects: 'own', verbs: ALL };
  for (const method of methods.filter((each) => hasField(each, 'fence'))) {
    const request = { name: 'own', fence: { name: 'other', token: 1 } };
    expect(allows([own], method, request)).toBe(false);
    expect(allows([own, { objects: 'other', verbs: Verb.write }], method, request)).toBe(true);
  }
});

test('a batch needs the rights of each of its steps', () => {
  const { commit } = AtomicService.methods;
  const batch = (parts: object): object => ({ checks: [], operations: [], openings: [], ...parts });
  const own = { objects: 'own', verbs: ALL };
  const other = (verbs: number): Grant[] => [own, { objects: 'other', verbs }];
  for (const [parts, verbs] of [
    [{ checks: [{ name: 'other' }] }, Verb.read],
    [{ openings: [{ dict: { name: 'other' } }] }, Verb.write],
    [{ operations: [{ dictSet: { name: 'other' } }] }, Verb.write],
    [{ operations: [{ dictAdd: { name: 'other' } }] }, Verb.read | Verb.write],
    [{ operations: [{ dictTtl: { name: 'other' } }] }, Verb.read],
    [{ operations: [{ dictSet: { name: 'own', fence: { name: 'other' } } }] }, Verb.read],
  ] as const) {
    expect([parts, allows([own], commit, batch(parts))]).toEqual([parts, false]);
    expect([parts, allows(other(ALL & ~verbs & ~(Verb.read | Verb.write)), commit, batch(parts))]).toEqual([parts, false]);
    expect([parts, allows(other(verbs), commit, batch(parts))]).toEqual([parts, true]);
  }
});

test('a home needs the rights of the calls that it offers and backs up', () => {
  const { offer, backup } = HomeService.methods;
  const callOf = (name: string): object => ({
    method: DictService.methods.open.name,
    request: encodeMessage(new Writer(), DictService.methods.open.input, { name, exclusive: false }),
  });
  const own = { objects: 'own', verbs: Verb.read | Verb.write };
  expect(allows([own], offer, { open: callOf('own') })).toBe(true);
  expect(allows([own], offer, { open: callOf('other') })).toBe(false);
  expect(allows([{ objects: 'own', verbs: Verb.write }], offer, { open: callOf('own') })).toBe(false);
  expect(allows([own], backup, { name: 'own', calls: [callOf('own')] })).toBe(true);
  expect(allows([own], backup, { name: 'own', calls: [callOf('own'), callOf('other')] })).toBe(false);
});

test("a call of users' code needs rights on the objects that its arguments refer to", () => {
  const own = { objects: 'own', verbs: ALL };
  const request = { name: 'own', member: 'merge', arguments: [reference('other')] };
  expect(allows([own], ObjectService.methods.call, request)).toBe(false);
  expect(allows([own, { objects: 'other', verbs: Verb.read }], ObjectService.methods.call, request)).toBe(false);
  expect(allows([own, { objects: 'other', verbs: Verb.read | Verb.write }], ObjectService.methods.call, request)).toBe(true);
});

test('a dump needs rights on all objects', () => {
  const { dump } = ManagerService.methods;
  expect(
    allows(
      [
        { objects: 'a*', verbs: ALL },
        { objects: '*a', verbs: ALL },
      ],
      dump,
      {},
    ),
  ).toBe(false);
  expect(allows([{ objects: '*', verbs: Verb.read | Verb.admin }], dump, {})).toBe(true);
});

test('rights of several patterns add up, and all of them are none that are limited', () => {
  const some = rights({ objects: 'a*', verbs: Verb.read }, { objects: '*z', verbs: Verb.write });
  expect(['a', 'z', 'az', 'm'].map((name) => some.on(name))).toEqual([Verb.read, Verb.write, Verb.read | Verb.write, 0]);
  expect(['a', 'z'].map((name) => mayRead(some, name))).toEqual([true, false]);
  expect(mayRead(undefined, 'z')).toBe(true);
  expect(LimitedRights.of({ name: 'tester', grants: [{ objects: '**', verbs: ALL }] })).toBeUndefined();
});

test('the error names the token, the object, the method and the missing right', () => {
  const get = QueueService.methods.get as Method;
  expect(() => assertAllowed(rights({ objects: 'jobs', verbs: Verb.write }), get, { name: 'jobs' })).toThrow(
    expect.objectContaining({
      code: 'PERMISSION_DENIED',
      object: 'jobs',
      method: 'commonhold.v1.QueueService/Get',
      message: 'the token "tester" has no right to read "jobs": its rights would need {"objects":"jobs","verbs":["read"]}',
    }),
  );
});
