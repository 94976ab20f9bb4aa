import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { inspect } from 'node:util';
import { InvalidArgumentError, Lock, SharedDict, SharedList, SharedQueue, SharedValue } from 'commonhold';

/** A function of this module for a worker. */
export type Task = keyof typeof tasks;

const tasks = {
  /** Returns its argument. */
  echo: (value: unknown) => value,
  /** Returns its argument as text: a copy, with its class. */
  inspect: (value: unknown) => inspect(value, { depth: 9 }),
  nothing: () => undefined,
  /** Kinds, names and contents. */
  async use(
    dict: SharedDict<string, number>,
    list: SharedList<number>,
    queue: SharedQueue<number>,
    value: SharedValue<number>,
    lock: Lock,
  ) {
    const classes = [SharedDict, SharedList, SharedQueue, SharedValue, Lock].map(
      (type, index) => [dict, list, queue, value, lock][index] instanceof type,
    );
    await Promise.all([dict.add('alice', 1), list.push(1), queue.put(1), value.add(1), lock.run(() => {})]);
    return { classes, full: !(await queue.tryPut(2)), value: await value.get() };
  },
  fail(how: string): never {
    if (how === 'manager') throw new InvalidArgumentError('no good', { object: 'scores' });
    if (how === 'cause') throw new TypeError('outer', { cause: new RangeError('inner') });
    if (how === 'text') throw 'just words';
    if (how === 'nothing') throw undefined;
    if (how === 'untransportable') throw Object.assign(new TypeError('with a function'), { name: 'OwnError', code: 7, help: () => 1 });
    throw Object.assign(new RangeError('too far'), { code: 'E_FAR' });
  },
  untransportable: () => () => 1,
  environment: () => ({
    address: process.env['COMMONHOLD_ADDRESS'],
    inherited: execFileSync(process.execPath, ['-p', 'JSON.stringify(process.env)'], { encoding: 'utf8' }),
    argv: [...process.argv, ...process.execArgv].join(' '),
  }),
  exit(code: number): never {
    process.exit(code);
  },
  crash() {
    setImmediate(() => {
      throw new Error('behind its back');
    });
    return new Promise(() => setInterval(() => {}, 60_000));
  },
  /** Reports its start, and ends when the file exists. */
  async tell(queue: SharedQueue<string>, file: string) {
    await queue.put('here');
    while (!existsSync(file)) await setTimeout(5);
    return 'told';
  },
  async say(queue: SharedQueue<string>) {
    await queue.put('here');
    return new Promise(() => setInterval(() => {}, 60_000));
  },
};

export default async function (task: Task, ...args: unknown[]): Promise<unknown> {
  return (tasks[task] as (...args: unknown[]) => unknown)(...args);
}
