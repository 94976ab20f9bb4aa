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

/** Bytes of the arena. */
const SIZE = 1 << 19;

/** A thread of a scenario. Its objects are those of engine/shared, whose methods are coroutines. */
export interface Actor {
  readonly thread: any;
  /** One that was made before. */
  readonly object: (name: string) => any;
  readonly objects: any;
  readonly waits: any;
  /** Wakes those who sleep on the word at an offset. */
  readonly wake: (offset: number) => void;
  /** All that the modules export. */
  readonly code: Record<string, any>;
}

export type Operation = (actor: Actor) => Coroutine;

export interface Scenario {
  readonly name: string;
  /** Makes the objects. */
  setUp(engine: SharedEngine): void;
  /** What each thread does. */
  readonly threads: readonly (readonly Operation[])[];
  /** What they may have done instead where one has ended in the middle of it. */
  readonly partly?: readonly (readonly (readonly Operation[])[])[];
  /** What is in the objects. */
  picture(objects: Objects): unknown;
  /** By how many milliseconds each look at the clock advances it. */
  readonly pace?: number;
}

/** How a run ended: what living threads were answered, and what is in the objects. */
export interface Outcome {
  readonly text: string;
  readonly cuts: readonly number[];
  readonly points: number;
  readonly turns: readonly Turn[];
}

export type KernelKind = 'twin' | 'wasm';

/** Where a thread can be ended: anywhere; in WebAssembly where it loops, and between its functions. */
const CUTTING: Record<KernelKind, number> = {
  twin: POINT.write | POINT.writeOutside,
  wasm: POINT.loop | POINT.writeOutside,
};

/** Kinds of objects, and what else a thread needs. */
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

/** Threads that clear away the dead, of whom all but one may end too. */
export const WATCHES = 2;

/** A thread that ends may leave the node unusable with which it was about to wait, or had waited: so many bytes. */
const NODE = N_SIZE + BLOCK_HEADER;
/** And the block that it was about to take or to free, in the JavaScript kernel, where it ended there. */
const TAKING = /^kernel\/(heap|spans|memory)\.ts/;

/** The system's numbers of the threads: of none that there is. */
const FIRST_THREAD = 2 ** 30;

/** Without chance: a schedule is to do the same each time. */
const CERTAIN: typeof Math = Object.create(Math, { random: { value: () => 0.5 } }) as typeof Math;

/** What would come in a later turn of a thread's event loop does not come: the thread blocks. */
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

  /** Modules in whose place others are taken: time, sleep and life are the machine's. */
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

  /** A thread that joins now, as the machine numbers it. */
  join(region: unknown, index: number): ArenaThread {
    const { ArenaThread: Thread, clearAway } = this.exports;
    this.#joining = index;
    const space: any = new Thread(region, clearAway);
    // As one that has waited before: its next wait needs no memory.
    run(space.keepNode(run(space.takeNode(N_SIZE))));
    return space as ArenaThread;
  }

  /** What a thread works with that has joined. */
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
  /** The threads of the scenario, and those who clear away the dead; and what each had beside the memory. */
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
    // Whatever the last run left.
    this.#engine.thread.region.octets.set(this.#begun);
    this.#engine.close();
  }

  /** Runs it as a schedule says. Throws where something is wrong that is wrong whatever it does. */
  run(schedule: Schedule): Outcome {
    return this.#run(this.scenario.threads, schedule.deaths.length, (machine) => machine.run(schedule, CUTTING[this.code.kernel]));
  }

  /** Where the threads were at the end of the last run. */
  get places(): string[] {
    return this.#machine.places;
  }

  /** How many things there are that threads may do where one ends: see {@link whole}. */
  get variants(): number {
    return 1 + (this.scenario.partly?.length ?? 0);
  }

  /**
   * Runs it operation by operation: how it may end.
   * @param deaths how many threads may end
   * @param variant which of the things that threads may do then
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
    if (deaths === 0 && machine.slices > 0) throw new Error('all threads slept, and nobody woke them');
    if (deaths > 0 && this.#left()) throw new Error('nobody cleared a dead thread away');
    this.#checkLoss(machine.deathPlaces);
    const living = results.map((found, index) => (machine.state(index) === 'done' ? found : machine.state(index)));
    const text = JSON.stringify({ living, picture: this.scenario.picture(new Objects(objects.surroundings, objects.kinds)) }, shown);
    return { text, cuts: machine.cuts, points: machine.points, turns: machine.turns };
  }

  /** Throws where memory is lost that may not be. */
  #checkLoss(deathPlaces: readonly string[]): void {
    const lost = lostBlocks(this.#engine);
    const nodes = lost.filter((bytes) => bytes === NODE).length;
    const taking = this.code.kernel === 'wasm' ? 0 : deathPlaces.filter((place) => TAKING.test(place)).length;
    const others = lost.length - Math.min(nodes, deathPlaces.length);
    if (others > taking) throw new Error(`blocks of ${lost.join(', ')} bytes are lost`);
  }

  /** Looks for dead threads until all before it have ended and nothing is left of them. */
  *#watch(actor: Actor, index: number): Coroutine<void> {
    const { words } = this.#engine.thread.region;
    const watch = actor.thread.threads as unknown as { look(): Coroutine };
    do {
      yield* idle();
      Atomics.store(words, A_LOOKED >> 2, 0);
      yield* watch.look();
    } while (!this.#machine.over(index) || this.#left());
  }

  /** Whether a slot is still that of a thread that is dead. */
  #left(): boolean {
    const { thread } = this.#engine;
    return [...thread.threads.slots()].some((slot) => this.#machine.state(thread.word(slot + S_TID) - FIRST_THREAD) === 'dead');
  }
}

/** What a thread has beside the memory. */
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

/** Does one operation after another, and notes what each answered. */
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

/** What an operation may throw. */
const EXPECTED = /^(Timeout|QueueShutDown|QueueEmpty|QueueFull|BrokenBarrier|NotFound|NotOwner|LockLost|OutOfMemory|AlreadyExists)Error$/;

function shown(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint' || value === undefined) return String(value);
  return value instanceof Map ? [...value] : value;
}
