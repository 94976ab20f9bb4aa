import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { ErrorCode } from '../../../proto/gen/commonhold/v1/errors_pb.js';
import * as errors from '../../../proto/errors.js';
import { isOpener, kindOf, methods, methodNamed, openerOf, services } from '../../../proto/methods.js';
import { VERSION } from '../../../proto/version.js';
import { createMemoryEngine } from '../../../engine/memory/index.js';

describe('the contract', () => {
  it('has the version of the package', () => {
    const manifest = JSON.parse(readFileSync(new URL('../../../../package.json', import.meta.url), 'utf8')) as { version: string };
    expect(VERSION).toBe(manifest.version);
  });

  it('is implemented whole by the memory engine', () => {
    const engine = createMemoryEngine({
      version: '',
      protocol: 1,
      maxMessageBytes: 1,
      traffic: () => ({ sessions: 0, callsInFlight: 0, callsTotal: 0 }),
    });
    expect(methods.filter((method) => engine.handler(method) === undefined)).toEqual([]);
    engine.close();
  });

  it('lets nothing be handed over by a method that does not wait for it', () => {
    expect(methods.filter((method) => method.takes && !method.blocking)).toEqual([]);
  });

  it('lets nothing be consumed by a method that hands nothing over', () => {
    expect(methods.filter((method) => method.consumes && !method.takes)).toEqual([]);
  });

  it('has an Open for every service of shared objects', () => {
    const others = ['ManagerService', 'AtomicService', 'HomeService'].map((name) => `commonhold.v1.${name}`);
    const shared = services.filter(({ typeName }) => !others.includes(typeName));
    const openers = shared.map(({ typeName, methods }) => [typeName, openerOf(Object.values(methods)[0]!)?.name]);
    // A path leads into a dict.
    const owner = (typeName: string): string => typeName.replace('PathService', 'DictService');
    expect(openers).toEqual(shared.map(({ typeName }) => [typeName, `${owner(typeName)}/Open`]));
    expect(methods.filter(isOpener).map(({ name }) => name)).toEqual([...new Set(openers.map(([, opener]) => opener))]);
  });

  it('knows a method by its name, and the kind that it is of', () => {
    const method = methodNamed('commonhold.v1.RLockService/Acquire');
    expect(method && kindOf(method)).toBe('rlock');
    expect(methodNamed('commonhold.v1.RLockService/Dance')).toBeUndefined();
  });
});

describe('the table of errors', () => {
  const known = Object.values(ErrorCode).filter((code): code is number => typeof code === 'number' && code !== 0);

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
