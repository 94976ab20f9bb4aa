import { isMainThread, parentPort } from 'node:worker_threads';

/** A function of this module for a worker. */
export type Noise = keyof typeof noises;

/** Messages of code that shares the channel, unknowingly or with our mark: all look like messages of some kind. */
const SAID: unknown[] = [
  'ready',
  null,
  5,
  { outcome: 1 },
  { outcome: { result: undefined } },
  { ready: true },
  { batch: 1, outcomes: [], last: true },
  ...[
    7,
    {},
    { outcome: 1 },
    { outcome: { result: 1 } },
    { outcome: { error: 'e' } },
    { refused: 5 },
    { batch: 1, outcomes: [1], ran: [] },
  ].map((forged) => ({ 'commonhold.message': forged })),
];

function say(): void {
  for (const message of SAID) {
    if (isMainThread) process.send!(message);
    else parentPort!.postMessage(message);
  }
}

say();

class Problem {
  constructor(readonly code: number) {}
}

class Chatty extends Error {
  get detail(): never {
    throw new Error('no detail');
  }
}

const HALF = 'half an emoji: \ud83d';

const noises = {
  talk(value: unknown) {
    say();
    return value;
  },
  replaceProcess(value: unknown) {
    globalThis.process = undefined as never;
    return value;
  },
  half(): never {
    throw Object.assign(new RangeError(HALF), { code: HALF });
  },
  getter(): never {
    throw Object.defineProperty(new Chatty('chatty'), 'info', { get: () => new Chatty().detail, enumerable: true });
  },
  cause(): never {
    throw new Error('outer', { cause: new AggregateError([new TypeError(HALF), Symbol('s')], 'inner') });
  },
  deep(): never {
    let error = new Error('0');
    for (let level = 1; level < 300; level++) error = new Error(`${level}`, { cause: error });
    throw error;
  },
  unreadable(): never {
    const no = (): never => {
      throw new Error('no');
    };
    throw new Proxy({}, { get: no, getPrototypeOf: no, ownKeys: no, has: no, getOwnPropertyDescriptor: no });
  },
  instance(): never {
    throw new Problem(7);
  },
  closure(): never {
    throw function named() {};
  },
  null(): never {
    throw null;
  },
  /** Throws outside of its task, when that has its result. */
  later() {
    setImmediate(() => setImmediate(() => { throw new Error('between the tasks'); })); // prettier-ignore
  },
  print(length: number) {
    process.stdout.write(`${'x'.repeat(length)}!\n`);
  },
  hoard() {
    const hoard: unknown[] = [];
    for (;;) hoard.push(new Array(10_000).fill({}).map((_, index) => ({ index })));
  },
  exitCode(code: number): never {
    process.exitCode = code;
    throw new Error('with a code');
  },
};

export default async function (noise: Noise, ...args: unknown[]): Promise<unknown> {
  return (noises[noise] as (...args: unknown[]) => unknown)(...args);
}
