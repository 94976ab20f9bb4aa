import { readFileSync } from 'node:fs';
import { fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { describe, expect, it } from '@jest/globals';
import { ErrorCode } from '../../../proto/gen/commonhold/v1/errors_pb.js';
import * as errors from '../../../proto/errors.js';
import { services } from '../../../proto/gen/commonhold/v1/services_wire.js';
import { isOpener, kindOf, methods, methodNamed, openerOf } from '../../../proto/methods.js';
import { VERSION } from '../../../proto/version.js';
import { Status } from '../../../proto/status.js';
import { createMemoryEngine } from '../../../engine/memory/index.js';
import { hostWith } from '../../support/host.js';

const DESCRIPTORS = new URL('../../../proto/descriptors.binpb', import.meta.url);

/** Changes of containers that go with a token of their own, or only settle what a call took. */
const UNFENCED = [
  'ArrayService/Extend',
  'ArrayService/Unlock',
  'QueueService/Ack',
  'QueueService/Extend',
  'QueueService/Nak',
  'QueueService/TaskDone',
  'ValueService/Extend',
  'ValueService/Unlock',
];

describe('the contract', () => {
  it('has the version of the package', () => {
    const manifest = JSON.parse(readFileSync(new URL('../../../../package.json', import.meta.url), 'utf8')) as { version: string };
    expect(VERSION).toBe(manifest.version);
  });

  it('is implemented whole by the memory engine', () => {
    const engine = createMemoryEngine(hostWith());
    expect(methods.filter((method) => engine.handler(method) === undefined)).toEqual([]);
    engine.close();
  });

  it('returns nothing to acknowledge from a method that does not wait for it', () => {
    expect(methods.filter((method) => method.takes && !method.blocking)).toEqual([]);
  });

  it('acknowledges only methods that hand something over', () => {
    expect(methods.filter((method) => method.consumes && !method.takes)).toEqual([]);
  });

  it('gives a hold with everything that does not stay taken, and with a delivery', () => {
    const holds = methods.filter(({ takes, consumes, name }) => takes && (!consumes || name.endsWith('/Deliver')));
    expect(methods.filter((method) => method.holds)).toEqual(holds);
  });

  it('lets every change of a container be fenced, but for holds, and for what takes items of queues', () => {
    const containers = ['Dict', 'List', 'Set', 'Queue', 'Value', 'Array', 'Namespace', 'Path'].map(
      (kind) => `commonhold.v1.${kind}Service`,
    );
    const changes = methods.filter(({ service, idempotency, takes }) => containers.includes(service) && idempotency !== 'read' && !takes);
    const others = changes.filter((method) => !method.fenced && !isOpener(method));
    expect(others.map(({ name }) => name.slice('commonhold.v1.'.length)).sort()).toEqual(UNFENCED);
  });

  it('says of every change with a value in its request whether that is stored', () => {
    const changes = methods.filter(({ idempotency, input }) => idempotency !== 'read' && input.payloads !== undefined);
    // Arrays do not grow; the others find values to remove, release a lock, or leave it to users' code.
    const others = ['ArrayService/Set', 'ArrayService/Add', 'ArrayService/CompareAndSet', 'ArrayService/Fill', 'ListService/Remove'];
    others.push('ObjectService/Call', 'PathService/Remove', 'SetService/Delete', 'SetService/Retain', 'ValueService/Unlock');
    expect(changes.filter(({ stores }) => !stores).map(({ name }) => name.slice('commonhold.v1.'.length))).toEqual(others);
  });

  it('has an Open for every service of shared objects', () => {
    const others = ['ManagerService', 'AtomicService', 'HomeService'].map((name) => `commonhold.v1.${name}`);
    const shared = services.filter(({ typeName }) => !others.includes(typeName));
    const openers = shared.map(({ typeName, methods }) => [typeName, openerOf(Object.values(methods)[0]!)?.name]);
    // A path leads into a dict.
    const owner = (typeName: string): string => typeName.replace('PathService', 'DictService');
    expect(openers).toEqual(shared.map(({ typeName }) => [typeName, `${owner(typeName)}/Open`]));
    const opening = methods.filter(isOpener).map(({ name }) => name);
    expect(opening.sort()).toEqual([...new Set(openers.map(([, opener]) => opener))].sort());
  });

  it('finds a method by its name, and the kind of its service', () => {
    const method = methodNamed('commonhold.v1.RLockService/Acquire');
    expect(method && kindOf(method)).toBe('rlock');
    expect(methodNamed('commonhold.v1.RLockService/Dance')).toBeUndefined();
  });
});

describe('the names of the contract', () => {
  /** Keywords of Python remain in generated code; other generators change the case, or mark keywords. */
  const PYTHON = new Set(
    (
      'False None True and as assert async await break class continue def del elif else except finally for from global if import in ' +
      'is lambda nonlocal not or pass raise return try while with yield'
    ).split(' '),
  );
  const files = fromBinary(FileDescriptorSetSchema, readFileSync(DESCRIPTORS)).file.filter(({ name }) => name.startsWith('commonhold/'));

  it('are no keywords of Python, except for one field that is documented', () => {
    const messages = files.flatMap(({ messageType }) => messageType);
    const fields = messages.flatMap((message) => message.field.map(({ name }) => name));
    const rpcs = files.flatMap(({ service }) => service).flatMap(({ method }) => method.map(({ name }) => name));
    const found = [...fields, ...rpcs, ...messages.map(({ name }) => name)].filter((name) => PYTHON.has(name));
    expect([...new Set(found)]).toEqual(['from']);
  });

  it('have a Go package, and one Java file each', () => {
    expect(files.length).toBeGreaterThan(20);
    for (const { options } of files) expect(options).toMatchObject({ goPackage: 'commonhold/v1;commonholdv1', javaMultipleFiles: true });
  });
});

describe('the table of errors', () => {
  const known = Object.values(ErrorCode).filter((code): code is number => typeof code === 'number' && code !== 0);

  it('is the table in the documentation', () => {
    const page = readFileSync(new URL('../../../../docs/grpc.md', import.meta.url), 'utf8');
    const documented = [...page.matchAll(/^\| `([A-Z_]+)` \| (\d+) \| ([A-Z_]+) \| (\d+) \| `(\w+)` \|$/gm)].map(([, ...cells]) => cells);
    const table = known
      .toSorted((one, other) => one - other)
      .map((wire) => {
        const error = errors.fromWire({ code: wire, message: '', object: '', method: '', retryable: false, mayHaveExecuted: false });
        const status = errors.statusOf(error);
        const named = Object.entries(Status).find(([, number]) => number === status)!;
        return [ErrorCode[wire], String(wire), named[0], String(status), error.constructor.name];
      });
    expect(documented).toEqual(table);
  });

  it('has every code of the contract, and gives its own class back', () => {
    for (const wire of known) {
      const error = errors.fromWire({ code: wire, message: 'm', object: 'o', method: '', retryable: false, mayHaveExecuted: true });
      expect(errors.toWire(error)).toMatchObject({ code: wire, message: 'm', object: 'o', mayHaveExecuted: true });
      expect(ErrorCode[wire]).toBe(error.code);
    }
  });

  it('makes a plain ManagerError of a code it does not know', () => {
    const error = errors.fromWire({ code: 9999, message: 'm', object: '', method: '', retryable: true, mayHaveExecuted: false });
    expect(error).toBeInstanceOf(errors.ManagerError);
    expect(error.constructor).toBe(errors.ManagerError);
  });

  it('recognises an error of another copy of the package by its brand', () => {
    const brand = Object.getOwnPropertySymbols(errors.ManagerError.prototype)[0]!;
    const foreign = Object.assign(new Error('x'), { [brand]: ['QueueEmptyError', 'TimeoutError', 'ManagerError'] });
    expect(foreign instanceof errors.TimeoutError).toBe(true);
    expect(foreign instanceof errors.QueueFullError).toBe(false);
    expect(new Error('x') instanceof errors.ManagerError).toBe(false);
  });
});
