import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { InvalidArgumentError, Manager, PayloadTooLargeError, RemoteError, type StartOptions } from 'commonhold';
import { fresh } from '../conformance/support.js';
import { commonhold, Daemon, Temporary } from '../support/daemon.js';
import { Program } from '../support/program.js';
import { stress } from '../support/stress.js';
import { until } from '../support/until.js';
import type { Trouble } from '../conformance/types/registered.js';
import type { Counter } from './programs/types/counter.js';
import type Greeter from './programs/types/greeter.js';
import type { Service } from './programs/types/service.js';

// Modules of registered types: how a manager gets them, the types they register, and their mistakes.

const COUNTER = new URL('./programs/types/counter.js', import.meta.url);
const SERVICE = new URL('./programs/types/service.js', import.meta.url);
const GREETER = new URL('./programs/types/greeter.js', import.meta.url);
const TYPES = new URL('../conformance/types/registered.js', import.meta.url);
const COUNTING = new URL('./programs/counting.js', import.meta.url);
const FORGETTING = new URL('./programs/forgetting.js', import.meta.url);

/** Ways to a manager with modules. */
const WAYS: Record<string, (modules: StartOptions['register']) => Promise<AsyncDisposable & { manager: Manager }>> = {
  async 'commonhold serve --register'(modules) {
    const flags = [modules ?? []].flat().flatMap((module) => ['--register', String(module)]);
    const daemon = await Daemon.serve(['--listen', '127.0.0.1:0', ...flags]);
    const manager = await Manager.connect(daemon.address);
    const end = async (): Promise<void> => {
      await manager.close();
      await daemon[Symbol.asyncDispose]();
    };
    return { manager, [Symbol.asyncDispose]: end };
  },
  async 'Manager.start({ register })'(register) {
    const manager = await Manager.start({ register });
    return { manager, [Symbol.asyncDispose]: () => manager.close() };
  },
  async 'Manager.embed({ register })'(register) {
    const manager = await Manager.embed({ register });
    return { manager, [Symbol.asyncDispose]: () => manager.close() };
  },
};

describe.each(Object.entries(WAYS))('%s', (way, open) => {
  test('takes paths from the working directory on, and URLs, one or several', async () => {
    const path = `./${relative(process.cwd(), fileURLToPath(COUNTER))}`;
    for (const modules of [path, [SERVICE, fileURLToPath(COUNTER), GREETER.href], [COUNTER, path]]) {
      await using held = await open(modules);
      expect(await held.manager.object<Counter>('Counter', 'c').increment()).toBe(1);
      if (!modules.includes(GREETER.href)) continue;
      expect(await held.manager.object<Service>('Service', 's').greet('Ada')).toBe('hello Ada');
      expect(await held.manager.object<Greeter>('Greeter', 'g').greet('Ada')).toBe('hi Ada');
    }
  });

  test('registers every class under its name, and lets a default function register', async () => {
    await using held = await open([COUNTER, SERVICE, GREETER]);
    const { manager } = held;
    expect(await manager.object<Counter>('Counter', 'c', 4).increment()).toBe(5);
    expect(await manager.object<Greeter>('Greeter', 'g').greet('Ada')).toBe('hi Ada');
    const service = manager.object<Service>('Service', 's');
    expect(await service.greet('Ada')).toBe('hello Ada');
    const scores = await service.scores();
    await scores.set('Ada', 1);
    expect(await manager.dict('scores').get('Ada')).toBe(1);
    await expect(manager.object('Service', 's').call('private')).rejects.toBeInstanceOf(InvalidArgumentError);
    for (const type of ['Bystander', 'next', 'START', 'default']) {
      await expect(manager.object(type, fresh('none')).call('x')).rejects.toThrow(/there are "Counter", "Greeter", "Service"/);
    }
  });

  test('serves one object to workers in processes and in threads', async () => {
    await using held = await open(COUNTER);
    const { manager } = held;
    const counter = manager.object<Counter>('Counter', fresh('counter'), 100);
    const workers = (['fork', 'fork', 'thread', 'thread'] as const).map((how) =>
      manager[how]<typeof import('./programs/counting.js')>(COUNTING, counter, 25),
    );
    const seen = await Promise.all(workers.map((worker) => worker.result));
    expect(await counter.count()).toBe(200);
    expect(new Set(seen.map((each) => each.manager)).size).toBe(1);
    expect(new Set(seen.map((each) => each.worker)).size).toBe(3);
  });

  test('survives errors of its types', async () => {
    await using held = await open(COUNTER);
    const counter = held.manager.object<Counter>('Counter', 'c');
    await expect(counter.fail('no')).rejects.toMatchObject({ name: 'RangeError', message: 'no', code: 'E_FAILED' });
    await expect(held.manager.object('Counter', 'd', -1).call('count')).rejects.toBeInstanceOf(RemoteError);
    expect(await counter.increment()).toBe(1);
  });

  test('does not start with a module that cannot be registered, and names it and the reason', async () => {
    using directory = new Temporary();
    const module = (name: string, text: string): string => {
      writeFileSync(directory.join(name), text);
      return directory.join(name);
    };
    // All ways read modules with the same code: one shows them all, the others that they say why.
    const shown = way.startsWith('Manager.embed') ? Infinity : stress(2, Infinity);
    const broken: [string, RegExp][] = [
      [directory.join('nowhere.mjs'), /nowhere\.mjs/],
      [module('syntax.mjs', 'export class {'), /syntax\.mjs: Unexpected token/],
      [module('throws.mjs', "throw new Error('no database')"), /throws\.mjs: no database/],
      [module('empty.mjs', 'export const answer = 42;'), /empty\.mjs: it exports no class/],
      [module('rejects.mjs', "export default async () => { throw new Error('no table') }"), /rejects\.mjs: no table/],
      [
        module('exposed.mjs', "export class A { static exposed = 'b' }"),
        /exposed\.mjs: the members that .*A.* exposes must be a list of names/,
      ],
      [
        module('constructor.mjs', "export class A { static exposed = ['constructor'] }"),
        /constructor\.mjs: .* cannot expose .*constructor/,
      ],
      [module('anonymous.mjs', 'export default (r) => r.register("", class {})'), /anonymous\.mjs: .*non-empty/],
      [module('none.mjs', 'export default (r) => r.register("A", () => 1)'), /none\.mjs: .*A.* cannot be registered: give a class/],
    ];
    for (const [path, reason] of broken.slice(0, shown)) await expect(refusal(open(path))).resolves.toThrow(reason);
    const one = module('one.mjs', 'export class Counter {}');
    await expect(refusal(open([COUNTER, one]))).resolves.toThrow(/one\.mjs: a type .*Counter.* is registered already/);
  });
});

/** Returns the error of a manager that does not start. */
async function refusal(starting: Promise<unknown>): Promise<() => never> {
  const error: unknown = await starting.then(
    () => new Error('it started'),
    (reason: unknown) => reason,
  );
  return () => {
    throw error;
  };
}

describe('a module that cannot be registered', () => {
  test('is an InvalidArgumentError of Manager.start() and Manager.embed()', async () => {
    for (const how of ['start', 'embed'] as const) {
      await expect(Manager[how]({ register: './nowhere.js' })).rejects.toBeInstanceOf(InvalidArgumentError);
      await expect(Manager[how]({ register: './nowhere.js' })).rejects.toThrow(/cannot register the types of \.\/nowhere\.js: /);
    }
  });

  test('ends commonhold serve, before it listens', async () => {
    const { code, stdout, stderr } = await commonhold(['serve', '--listen', '127.0.0.1:0', '--register', './nowhere.js']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^commonhold: cannot register the types of \.\/nowhere\.js: .*\n$/);
  });
});

describe('the code of a type', () => {
  test('with a result too large for a message gets an error, and leaves no object behind', async () => {
    await using manager = await Manager.embed({ register: TYPES, maxPayload: 10_000 });
    const trouble = manager.object<Trouble>('Trouble', 't');
    const given = await trouble.giveMuch(1_000);
    expect(await given.square.sides()).toBe(4);
    const { objects } = await manager.stats();
    const refused = trouble.giveMuch(10_000);
    await expect(refused).rejects.toBeInstanceOf(PayloadTooLargeError);
    await expect(refused).rejects.toMatchObject({ object: 't', mayHaveExecuted: true });
    expect((await manager.stats()).objects).toBe(objects);
    // Used until here, so that it was not collected meanwhile.
    expect(await given.square.sides()).toBe(4);
  });

  test('that forgets a promise is reported on the standard error, and the daemon continues', async () => {
    await using daemon = await Daemon.serve(['--listen', '127.0.0.1:0', '--register', fileURLToPath(COUNTER)]);
    await using manager = await Manager.connect(daemon.address);
    const counter = manager.object<Counter>('Counter', 'c');
    await counter.forget();
    expect(await counter.rest(1)).toBe(0);
    const { code, stderr } = await daemon.stop();
    expect(code).toBe(0);
    expect(stderr).toMatch(/^commonhold: unhandled rejection: Error: forgotten\n +at Counter\.forget /m);
  });

  test.each(['start', 'embed'])('that forgets a promise, in a manager of Manager.%s(), as well', async (how) => {
    const { code, stdout, stderr } = await Program.node(FORGETTING, [how]).exited;
    expect({ code, stdout }).toEqual({ code: 0, stdout: '1\n' });
    expect(stderr).toMatch(/^commonhold: unhandled rejection: Error: forgotten\n +at Counter\.forget /m);
  });

  test('with an uncaught error ends the daemon, with a message', async () => {
    await using daemon = await Daemon.serve(['--listen', '127.0.0.1:0', '--register', fileURLToPath(COUNTER)]);
    await using manager = await Manager.connect(daemon.address, { reconnect: false });
    await manager.object<Counter>('Counter', 'c').explode();
    const { code, stderr } = await daemon.program.exited;
    expect(code).toBe(1);
    expect(stderr).toContain('Error: exploded');
    await until('the client knows', () => manager.state === 'expired');
  });
});
