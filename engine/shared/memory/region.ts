import { endianness } from 'node:os';
import { ClosedError, InvalidArgumentError, OutOfMemoryError, UnimplementedError } from '../../../proto/errors.js';
import { FreshMemory } from './fresh.js';
import * as twin from '../kernel/index.js';
import { bind } from '../kernel/memory.js';
import { A_CLOSED, A_MAGIC, A_QUOTA, A_VERSION, HEAP, LAYOUT_VERSION, MAGIC } from '../kernel/layout.js';
import { STRONG, WEAK } from '../gen/kernel.js';

/** The functions of the kernel: see kernel/index.ts. */
export type Kernel = typeof twin;

/** What another thread needs to work on the same memory. */
export interface RegionHandle {
  /** Names the arena, for people and in references. */
  readonly id: string;
  readonly memory: SharedMemory | SharedArrayBuffer;
}

/** A shared `WebAssembly.Memory`. */
export interface SharedMemory {
  readonly buffer: SharedArrayBuffer;
  grow(pages: number): number;
}

/** A compiled kernel. */
type Module = object;

/** Of WebAssembly, which Node's types leave to the browser's. */
declare const WebAssembly: {
  Memory: new (description: { initial: number; maximum: number; shared: true }) => SharedMemory;
  Module: new (bytes: Uint8Array) => Module;
  Instance: new (module: Module, imports: { env: { memory: SharedMemory } }) => { readonly exports: unknown };
};

const PAGE = 65_536;
/** Offsets are signed. */
const MOST_PAGES = 32_767;
/** Header, threads and a first page. */
const FEWEST_PAGES = Math.ceil(HEAP / PAGE) + 1;

/**
 * The memory of an arena, as one thread sees it: the views on it, and the kernel that works on it. The
 * kernel is WebAssembly where that is allowed; otherwise its twin, on a SharedArrayBuffer that is as large as
 * it may become, of which the system gives what is used.
 */
export class Region {
  words!: Int32Array;
  bytes!: Buffer;
  /** The same, whose slices are no Buffers. */
  octets!: Uint8Array;
  doubles!: Float64Array;
  longs!: BigInt64Array;
  /** Bytes that the views show. */
  size = 0;
  readonly kernel: Kernel;
  readonly handle: RegionHandle;
  /** What values are copied to. */
  readonly fresh = new FreshMemory();

  /** @throws InvalidArgumentError for what is no arena, or one of another version */
  constructor(handle: RegionHandle, module: Module | undefined = compiled()) {
    this.handle = handle;
    if (endianness() !== 'LE') throw new UnimplementedError('shared memory needs a little-endian processor');
    this.#look();
    if (handle.memory instanceof SharedArrayBuffer) this.kernel = this.#twin();
    else if (module !== undefined) this.kernel = instantiate(module, handle.memory);
    else throw new InvalidArgumentError('this arena is a WebAssembly.Memory, and WebAssembly is not allowed in this thread');
  }

  /**
   * New memory, in which nothing is yet.
   * @param size bytes to begin with
   * @param maxSize bytes that it may become
   * @throws OutOfMemoryError where the address space has no room for `maxSize`
   */
  static create(id: string, size: number, maxSize: number, wasm = webAssembly()): Region {
    const maximum = Region.limit(maxSize) / PAGE;
    const initial = Math.min(Math.max(Math.ceil(size / PAGE), FEWEST_PAGES), maximum);
    const memory = (wasm ? growingMemory(initial, maximum) : undefined) ?? wholeMemory(maximum);
    const words = new Int32Array(memory instanceof SharedArrayBuffer ? memory : memory.buffer);
    words[A_QUOTA >> 2] = maximum * PAGE;
    words[A_VERSION >> 2] = LAYOUT_VERSION;
    Atomics.store(words, A_MAGIC >> 2, MAGIC);
    const region = new Region({ id, memory });
    region.kernel.beginHeap();
    return region;
  }

  /** Bytes that a memory may really become which is made with a `maxSize`. */
  static limit(maxSize: number): number {
    return PAGE * Math.min(Math.max(Math.ceil(maxSize / PAGE), FEWEST_PAGES), MOST_PAGES);
  }

  /** Bytes that it may become. */
  get limit(): number {
    return this.words[A_QUOTA >> 2]!;
  }

  /** An arena that is closed and empty, for threads that have left theirs. */
  static ended(): Region {
    if (left === undefined) {
      left = Region.create('left', 1, 1, false);
      left.words[A_CLOSED >> 2] = 1;
    }
    // The twin would keep the memory that it worked on last.
    bind(left, () => false);
    return left;
  }

  /** Makes the views show the memory up to `end`, which another thread, or the kernel, may have let grow. */
  reach(end: number): void {
    if (end > this.size) this.#look();
  }

  /** As {@link reach}, for what is read then. */
  reached(end: number): this {
    this.reach(end);
    return this;
  }

  /** Makes the views show all that there is. */
  refresh(): void {
    this.#look();
  }

  #look(): void {
    const { memory } = this.handle;
    // Growing by nothing makes this thread see what others have let it grow to.
    if (!(memory instanceof SharedArrayBuffer)) memory.grow(0);
    const buffer = memory instanceof SharedArrayBuffer ? memory : memory.buffer;
    this.words = new Int32Array(buffer);
    if (this.words[A_MAGIC >> 2] !== MAGIC) throw new InvalidArgumentError('this memory is no arena');
    const version = this.words[A_VERSION >> 2];
    if (version !== LAYOUT_VERSION) {
      throw new InvalidArgumentError(
        `this arena has the layout ${version}, not ${LAYOUT_VERSION}: its threads use different versions of this package`,
      );
    }
    this.bytes = Buffer.from(buffer);
    this.octets = new Uint8Array(buffer);
    this.doubles = new Float64Array(buffer);
    this.longs = new BigInt64Array(buffer);
    this.size = buffer.byteLength;
  }

  get closed(): boolean {
    return Atomics.load(this.words, A_CLOSED >> 2) !== 0;
  }

  /** What a call of the kernel says that finds no memory. */
  full(): OutOfMemoryError {
    return new OutOfMemoryError(
      `the shared memory is full: it may have ${this.limit} bytes; delete something, or make it with a larger maxSize`,
    );
  }

  /** The error of a piece of memory that no arena has room for. */
  tooLong(bytes: number, most: number): OutOfMemoryError {
    return new OutOfMemoryError(`${bytes} bytes in one piece: shared memory holds pieces of up to ${most} bytes; use several objects`);
  }

  /** A kernel of JavaScript, whose functions work on this memory. */
  #twin(): Kernel {
    const bound = Object.entries<(...given: number[]) => unknown>(twin).map(([name, work]) => [
      name,
      (...given: number[]): unknown => {
        bind(this, () => false);
        return work(...given);
      },
    ]);
    return Object.fromEntries(bound) as Kernel;
  }
}

/** The error of calls after the end of the arena. No method, since an error keeps the objects that stood on the stack. */
export function arenaEnded(): ClosedError {
  return new ClosedError('the arena is closed, or this thread has left it');
}

/** Memory of WebAssembly; undefined where the address space has no room for the gigabytes that it reserves around it. */
function growingMemory(initial: number, maximum: number): SharedMemory | undefined {
  if (crowded) return undefined;
  try {
    return new WebAssembly.Memory({ initial, maximum, shared: true });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    crowded = true;
    return undefined;
  }
}

/** The address space had no room once: before V8 says so again, it collects garbage several times, for up to a second. */
let crowded = false;

function wholeMemory(pages: number): SharedArrayBuffer {
  try {
    return new SharedArrayBuffer(pages * PAGE);
  } catch (cause) {
    throw new OutOfMemoryError(`the system has no room for an arena of ${pages * PAGE} bytes: give a smaller maxSize`, { cause });
  }
}

/** See {@link Region.ended}. */
let left: Region | undefined;
let module: Module | undefined;

/** Whether this program may run WebAssembly on shared memory. */
function webAssembly(): boolean {
  return typeof WebAssembly === 'object';
}

function compiled(): Module | undefined {
  if (!webAssembly()) return undefined;
  return (module ??= new WebAssembly.Module(Buffer.from(process.arch === 'x64' ? STRONG : WEAK, 'base64')));
}

function instantiate(from: Module, memory: SharedMemory): Kernel {
  return new WebAssembly.Instance(from, { env: { memory } }).exports as Kernel;
}
