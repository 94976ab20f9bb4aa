import { createSharedEngine, type SharedEngine } from '../../../engine/shared/index.js';
import { A_LOOKED, BLOCK_HEADER, N_SIZE, S_TID } from '../../../engine/shared/kernel/layout.js';
import { Objects } from '../../../engine/shared/objects/objects.js';
import { SLICE } from '../../../engine/shared/threads/parking.js';
import { Region } from '../../../engine/shared/memory/region.js';
import type { ArenaThread } from '../../../engine/shared/memory/arena-thread.js';
import { lostBlocks } from '../../support/shared-heap.js';
import { load, NO_JOURNAL, type Change, type Exports } from './load.js';
import { idle, Machine, type Choice, type Schedule, type Turn } from './machine.js';
import { POINT, run, type Coroutine } from './points.js';

/** Size of the arena, in bytes. */
const SIZE = 1 << 19;

/** A thread of a scenario. Its objects are instances of the classes of engine/shared, whose methods are coroutines. */
export interface Actor {
  readonly thread: any;
  /** An object that setUp() made. */
  readonly object: (name: string) => any;
  readonly objects: any;
  readonly waits: any;
  /** Wakes threads that sleep on the word at an offset. */
  readonly wake: (offset: number) => void;
  /** All exports of the modules. */
  readonly code: Record<string, any>;
}

export type Operation = (actor: Actor) => Coroutine;

export interface Scenario {
  readonly name: string;
  /** Makes the objects. */
  setUp(engine: SharedEngine): void;
  /** Operations of each thread. */
  readonly threads: readonly (readonly Operation[])[];
  /** Operations that count as done instead if a thread died during its own. */
  readonly partly?: readonly (readonly (readonly Operation[])[])[];
  /** Contents of the objects. */
  picture(objects: Objects): unknown;
  /** Time by which each reading of the clock advances it, in milliseconds. */
  readonly pace?: number;
}

/** End of a run: the results of living threads, and the contents of the objects. */
export interface Outcome {
  readonly text: string;
  readonly cuts: readonly number[];
  readonly points: number;
  readonly turns: readonly Turn[];
}

export type KernelKind = 'twin' | 'wasm';

/** Points at which a thread can die: all changes; in WebAssembly loops, and between its functions. */
const CUTTING: Record<KernelKind, number> = {
  twin: POINT.write | POINT.writeOutside,
  wasm: POINT.loop | POINT.writeOutside,
};

/** Kinds of objects, and other modules that a thread needs. */
const KINDS = ['dict', 'list', 'queue', 'value', 'array', 'lock', 'semaphore', 'condition', 'event', 'barrier'];
const FILES = [
  ...KINDS.map((kind) => `objects/${kind}.ts`),
  'memory/region.ts',
  'memory/arena-thread.ts',
  'memory/cells.ts',
  'threads/reaper.ts',
  'threads/thread-waits.ts',
  'objects/objects.ts',
  'objects/directory.ts',
  'objects/kind-numbers.ts',
  'kernel/layout.ts',
];

type Loaded = Record<string, any>;

/** Number of threads that clear away the dead; all but one may die too. */
export const WATCHES = 2;

/** Bytes that a dead thread may leak: the node of its present or last wait. */
const NODE = N_SIZE + BLOCK_HEADER;
/** In the JavaScript kernel a dead thread may also leak the block that it was about to take or free, if it died in these files. */
const TAKING = /^kernel\/(heap|spans|memory)\.ts/;

/** First system number of the threads; no real thread has it. */
const FIRST_THREAD = 2 ** 30;

/** Math without randomness: a schedule must do the same each time. */
const CERTAIN: typeof Math = Object.create(Math, { random: { value: () => 0.5 } }) as typeof Math;

/** Callbacks in a later turn of a thread's event loop do not run: the thread blocks. */
const NO_EVENT_LOOP: Exports = { setImmediate: () => 0, clearImmediate: () => undefined };

/** The code of engine/shared as coroutines, with one kernel and perhaps a fault. */
export class Code {
  #machine: Machine | undefined;
  #joining = 0;
  // Set by load().
  exports!: Loaded;

  private constructor(readonly kernel: KernelKind) {}

  static async load(kernel: KernelKind, changes: readonly Change[] = []): Promise<Code> {
    const code = new Code(kernel);
    const atomics = Object.create(Atomics, {
      notify: { value: (_words: unknown, index: number, count: number) => code.#machine!.notify(4 * index, count) },
    }) as object;
    const all = kernel === 'wasm' ? [...NO_JOURNAL, ...changes] : changes;
    code.exports = Object.assign(
      {},
      ...(await load(FILES, all, code.#replaced(), { Atomics: atomics, Math: CERTAIN, ...NO_EVENT_LOOP })),
    ) as Loaded;
    return code;
  }

  /** Replacements of modules: time, sleep and liveness are the machine's. */
  #replaced(): Record<string, Exports> {
    return {
      'threads/parking.ts': {
        SLICE,
        now: () => this.#machine!.now(),
        lookTime: () => Math.floor(this.#machine!.now()) % 2 ** 31,
        sleep: function* (_words: unknown, offset: number, seen: number): Coroutine<boolean> {
          return yield { offset, seen };
        },
        wake: (_words: unknown, offset: number) => this.#machine!.notify(offset, Infinity),
        listen: () => undefined,
      },
      'threads/identity.ts': {
        identify: () => {
          const tid = FIRST_THREAD + this.#joining;
          return { pid: process.pid, threadId: tid, tid, start: 1 };
        },
        listThreads: () => undefined,
        lives: ({ tid }: { tid: number }) => this.#machine!.state(tid - FIRST_THREAD) !== 'dead',
      },
      'node:os': { availableParallelism: () => 1, endianness: () => 'LE' },
    };
  }

  use(machine: Machine): void {
    this.#machine = machine;
  }

  /** Joins a thread, under its number in the machine. */
  join(region: unknown, index: number): ArenaThread {
    const { ArenaThread: Thread, clearAway } = this.exports;
    this.#joining = index;
    const space: any = new Thread(region, clearAway);
    // As after a first wait, so that its next wait needs no memory.
    run(space.keepNode(run(space.takeNode(N_SIZE))));
    return space as ArenaThread;
  }

  /** The actor of a thread that has joined. */
  actor(thread: ArenaThread): Actor {
    const { ThreadWaits: Waits, Objects: Instrumented } = this.exports;
    const kinds = new Map(KINDS.map((kind) => [kind, this.#kind(kind)]));
    const waits = new Waits(thread);
    const objects = new Instrumented({ thread, waits }, kinds);
    const bound = new Map((run(objects.all()) as { name: string }[]).map((object) => [object.name, object]));
    return {
      thread,
      objects,
      waits,
      code: this.exports,
      wake: (offset) => void this.#machine!.notify(offset, Infinity),
      object: (name) => bound.get(name),
    };
  }

  #kind(kind: string): unknown {
    return kind === 'lock' ? run(this.exports['lockKind'](kind)) : this.exports[`${kind}Kind`];
  }
}

/** A scenario with one code: each run begins with the same memory. */
export class World {
  readonly #engine: SharedEngine;
  readonly #machine: Machine;
  readonly #begun: Uint8Array;
  /** The threads of the scenario, and the ones that clear away the dead; and their initial state outside of the memory. */
  readonly #spaces: ArenaThread[];
  readonly #fresh: object[][];
  readonly threads: number;

  constructor(
    private readonly code: Code,
    readonly scenario: Scenario,
  ) {
    const plain = Region.create('model', 1, SIZE, false);
    this.#engine = createSharedEngine(plain);
    scenario.setUp(this.#engine);
    this.#machine = new Machine(plain.words);
    this.threads = scenario.threads.length;
    code.use(this.#machine);
    const region: unknown = new code.exports['Region'](plain.handle);
    this.#spaces = Array.from({ length: this.threads + WATCHES }, (_, index) => code.join(region, index));
    this.#fresh = this.#spaces.map((thread) => partsOf(thread).map(copyOf));
    this.#begun = Uint8Array.from(plain.octets);
  }

  close(): void {
    // Undoes the last run.
    this.#engine.thread.region.octets.set(this.#begun);
    this.#engine.close();
  }

  /** Runs the scenario by a schedule. Throws on failures that no order of operations can explain. */
  run(schedule: Schedule): Outcome {
    return this.#run(this.scenario.threads, schedule.deaths.length, (machine) => machine.run(schedule, CUTTING[this.code.kernel]));
  }

  /** Places of the threads at the end of the last run. */
  get places(): string[] {
    return this.#machine.places;
  }

  /** Number of variants of the operations, if a thread dies: see {@link whole}. */
  get variants(): number {
    return 1 + (this.scenario.partly?.length ?? 0);
  }

  /**
   * Runs the scenario operation by operation, for an expected end.
   * @param deaths number of threads that may die
   * @param variant which of the variants of the operations
   */
  whole(choice: Choice, deaths: number, variant: number): Outcome {
    const { threads, partly = [] } = this.scenario;
    const all = deaths === 0 ? [threads] : [threads, ...partly];
    return this.#run(all[variant % all.length]!, deaths, (machine) => machine.choose(choice));
  }

  #run(threads: Scenario['threads'], deaths: number, go: (machine: Machine) => void): Outcome {
    const { thread, objects } = this.#engine;
    thread.region.octets.set(this.#begun);
    const machine = this.#machine;
    this.code.use(machine);
    machine.begin([], 0);
    const results = threads.map((): unknown[] => []);
    const actors = this.#spaces
      .slice(0, this.threads + deaths)
      .map((thread, index) => this.code.actor(setBack(thread, this.#fresh[index]!)));
    const lives = actors.map((actor, index) =>
      index < this.threads ? life(actor, threads[index]!, results[index]!) : this.#watch(actor, index),
    );
    machine.begin(lives, this.scenario.pace ?? 0);
    go(machine);
    if (deaths === 0 && machine.slices > 0) throw new Error('all threads slept, and no thread woke them');
    if (deaths > 0 && this.#left()) throw new Error('no thread cleared a dead thread away');
    this.#checkLoss(machine.deathPlaces);
    const living = results.map((found, index) => (machine.state(index) === 'done' ? found : machine.state(index)));
    const text = JSON.stringify({ living, picture: this.scenario.picture(new Objects(objects.surroundings, objects.kinds)) }, shown);
    return { text, cuts: machine.cuts, points: machine.points, turns: machine.turns };
  }

  /** Throws if more memory is lost than dead threads may leak. */
  #checkLoss(deathPlaces: readonly string[]): void {
    const lost = lostBlocks(this.#engine);
    const nodes = lost.filter((bytes) => bytes === NODE).length;
    const taking = this.code.kernel === 'wasm' ? 0 : deathPlaces.filter((place) => TAKING.test(place)).length;
    const others = lost.length - Math.min(nodes, deathPlaces.length);
    if (others > taking) throw new Error(`blocks of ${lost.join(', ')} bytes are lost`);
  }

  /** Looks for dead threads until all threads before it have ended and no slot of them is left. */
  *#watch(actor: Actor, index: number): Coroutine<void> {
    const { words } = this.#engine.thread.region;
    const watch = actor.thread.threads as unknown as { look(): Coroutine };
    do {
      yield* idle();
      Atomics.store(words, A_LOOKED >> 2, 0);
      yield* watch.look();
    } while (!this.#machine.over(index) || this.#left());
  }

  /** True if a slot still belongs to a dead thread. */
  #left(): boolean {
    const { thread } = this.#engine;
    return [...thread.threads.slots()].some((slot) => this.#machine.state(thread.word(slot + S_TID) - FIRST_THREAD) === 'dead');
  }
}

/** The objects with the state of a thread outside of the memory. */
function partsOf(thread: ArenaThread): object[] {
  return [thread, thread.guards, thread.threads, thread.watch];
}

function setBack(thread: ArenaThread, fresh: readonly object[]): ArenaThread {
  for (const [index, part] of partsOf(thread).entries()) Object.assign(part, copyOf(fresh[index]!));
  return thread;
}

/** A copy of an object's fields, two levels deep. */
function copyOf(from: object): object {
  const copied = ([name, value]: [string, unknown]): [string, unknown] => {
    if (name === 'kernel') return [name, { ...(value as object) }];
    return [name, Array.isArray(value) ? value.map((one: unknown) => ({ ...(one as object) })) : value];
  };
  return Object.fromEntries(Object.entries(from).map(copied));
}

/** Runs operations in order, and records their results. */
function* life(actor: Actor, operations: readonly Operation[], results: unknown[]): Coroutine<void> {
  for (const operation of operations) {
    let result: unknown;
    try {
      result = yield* operation(actor);
    } catch (error) {
      if (!EXPECTED.test((error as Error).name)) throw error;
      result = (error as Error).name;
    }
    results.push(result);
    yield POINT.operation;
  }
}

/** Errors that an operation may throw. */
const EXPECTED = /^(Timeout|QueueShutDown|QueueEmpty|QueueFull|BrokenBarrier|NotFound|NotOwner|LockLost|OutOfMemory|AlreadyExists)Error$/;

function shown(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint' || value === undefined) return String(value);
  return value instanceof Map ? [...value] : value;
}
