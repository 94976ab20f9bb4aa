import { drawing } from '../support/random.js';
import { EventLoop, SimulatedTimer } from './event-loop.js';

/** Time at which a world begins, in milliseconds since 1970. */
const EPOCH = 1_700_000_000_000;
/** Callbacks that run before Node looks for input: a look is a call of the system, and a world needs none. */
const AT_ONCE = 64;

type Globals = Pick<
  typeof globalThis,
  'setTimeout' | 'clearTimeout' | 'setInterval' | 'clearInterval' | 'setImmediate' | 'performance' | 'FinalizationRegistry'
>;
const NAMES = [
  'setTimeout',
  'clearTimeout',
  'setInterval',
  'clearInterval',
  'setImmediate',
  'performance',
  'FinalizationRegistry',
] as const;

/** Nothing is collected in a world: when that happens is chance. */
class NoCollection {
  register(): void {}
  unregister(): void {}
}

/**
 * The time of a world, and the processes that share it. It takes the place of the timers, the clocks and the chance of this process, of
 * which one event loop of the world has the use at a time. Everything else of Node stays as it is: promises and `process.nextTick` run
 * after each callback, as always.
 */
export class SimulatedTime {
  now = 0;
  /** Number of callbacks so far. */
  steps = 0;
  /** Hash over all that ran, and when. Equal for equal runs. */
  trace = 0;
  readonly loops: EventLoop[] = [];
  #running: EventLoop | undefined;

  constructor(private readonly seed: number) {}

  /** Adds a process, with a chance of its own, so that what one does changes nothing of the others. */
  loop(name: string): EventLoop {
    const loop = new EventLoop(name, drawing(Math.imul(this.seed, 31) + this.loops.length));
    this.loops.push(loop);
    return loop;
  }

  /** The process whose code runs. */
  get running(): EventLoop {
    return this.#running!;
  }

  /** Runs the world until nothing is left to do, or until `over` says so after a callback. */
  async run(over: () => boolean): Promise<void> {
    while (!(await this.#runSome(over)));
  }

  /**
   * Runs callbacks of the world as immediates of one iteration of Node's loop, which has its own time again after them: no timer, socket
   * or collection of this process runs in the time of the world. Returns true if the world is over.
   */
  #runSome(over: () => boolean): Promise<boolean> {
    const { setImmediate: nextInNode } = globalThis;
    return new Promise((resolve, reject) => {
      let restore = (): void => {};
      let ended = false;
      const step = (): void => {
        if (ended) return;
        try {
          ended = over() || !this.#step();
        } catch (error) {
          ended = true;
          reject(error);
        }
      };
      nextInNode(() => (restore = this.#install()));
      for (let count = 0; count < AT_ONCE; count++) nextInNode(step);
      nextInNode(() => {
        restore();
        resolve(ended);
      });
    });
  }

  /** Runs the next callback. Returns false if there is none. */
  #step(): boolean {
    for (;;) {
      const current = this.#running;
      const callback = current !== undefined && current.readyAt(this.now) <= this.now ? current.next(this.now) : undefined;
      if (callback !== undefined) {
        this.steps++;
        this.trace = (Math.imul(this.trace, 31) + this.loops.indexOf(current!) + Math.floor(this.now * 16)) | 0;
        callback();
        return true;
      }
      const next = this.#nextLoop();
      if (next === undefined) return false;
      this.#running = next;
    }
  }

  /** Moves the time on to the process that is ready first. */
  #nextLoop(): EventLoop | undefined {
    let first: EventLoop | undefined;
    let at = Infinity;
    for (const loop of this.loops) {
      const ready = loop.readyAt(this.now);
      if (ready < at) {
        at = ready;
        first = loop;
      }
    }
    if (first !== undefined) this.now = at;
    return first;
  }

  /** Puts the time of the world in the place of Node's. Returns the way back. */
  #install(): () => void {
    const before = NAMES.map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)!] as const);
    const { random } = Math;
    const { now } = Date;
    const bigint = process.hrtime.bigint.bind(process.hrtime);
    const set = (name: string, value: unknown): void => {
      Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: true });
    };
    const replacements: Record<keyof Globals, unknown> = {
      setTimeout: (run: (...args: unknown[]) => void, ms = 1, ...args: unknown[]) => this.#timer(() => run(...args), ms, false),
      setInterval: (run: (...args: unknown[]) => void, ms = 1, ...args: unknown[]) => this.#timer(() => run(...args), ms, true),
      clearTimeout: stop,
      clearInterval: stop,
      setImmediate: (run: () => void) => this.running.setImmediate(run),
      performance: { now: () => this.now - this.running.origin },
      FinalizationRegistry: NoCollection,
    };
    for (const name of NAMES) set(name, replacements[name]);
    Math.random = () => this.running.draw(2 ** 31) / 2 ** 31;
    // The clock of the system, which all threads share.
    process.hrtime.bigint = () => BigInt(Math.round(this.now * 1e6));
    Date.now = () => EPOCH + Math.floor(this.now);
    return () => {
      for (const [name, descriptor] of before) Object.defineProperty(globalThis, name, descriptor);
      Math.random = random;
      Date.now = now;
      process.hrtime.bigint = bigint;
    };
  }

  #timer(run: () => void, ms: number, repeats: boolean): SimulatedTimer {
    return this.running.setTimer(this, run, ms, repeats);
  }
}

function stop(timer: SimulatedTimer | undefined): void {
  if (timer instanceof SimulatedTimer) timer.running = false;
}
