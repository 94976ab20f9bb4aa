import { endianness } from 'node:os';
import { ClosedError, InvalidArgumentError, OutOfMemoryError, UnimplementedError } from '../../../proto/errors.js';
import { FreshMemory } from './fresh.js';
import * as twin from '../kernel/index.js';
import { bind } from '../kernel/memory.js';
import { A_CLOSED, A_MAGIC, A_QUOTA, A_VERSION, HEAP, LAYOUT_VERSION, MAGIC } from '../kernel/layout.js';
import { STRONG, WEAK } from '../gen/kernel.js';

/** The functions of the kernel: see kernel/index.ts. */
export type Kernel = typeof twin;

/** Data with which another thread can join the arena. */
export interface RegionHandle {
  /** Name of the arena, in messages and references. */
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

/** The part of WebAssembly that is used; Node's types have none of it. */
declare const WebAssembly: {
  Memory: new (description: { initial: number; maximum: number; shared: true }) => SharedMemory;
  Module: new (bytes: Uint8Array) => Module;
  Instance: new (module: Module, imports: { env: { memory: SharedMemory } }) => { readonly exports: unknown };
};

const PAGE = 65_536;
/** Offsets are signed. */
const MOST_PAGES = 32_767;
/** For the header, the threads and a first page of heap. */
const FEWEST_PAGES = Math.ceil(HEAP / PAGE) + 1;

/**
 * The memory of an arena, as one thread sees it: the views on it, and the kernel that works on it. The kernel is WebAssembly where that is
 * allowed; elsewhere it is the twin, on a SharedArrayBuffer of the maximum size, of which the system provides only the used pages.
 */
export class Region {
  words!: Int32Array;
  bytes!: Buffer;
  /** Like `bytes`, but its slices are not Buffers. */
  octets!: Uint8Array;
  doubles!: Float64Array;
  longs!: BigInt64Array;
  /** Number of bytes that the views show. */
  size = 0;
  readonly kernel: Kernel;
  readonly handle: RegionHandle;
  /** Memory for copies of values. */
  readonly fresh = new FreshMemory();

  /**
   * @throws InvalidArgumentError if the memory is not an arena, has another version, or needs WebAssembly that is not allowed;
   * UnimplementedError on a big-endian processor
   */
  constructor(handle: RegionHandle, module: Module | undefined = compiled()) {
    this.handle = handle;
    if (endianness() !== 'LE') throw new UnimplementedError('shared memory needs a little-endian processor');
    this.#look();
    if (handle.memory instanceof SharedArrayBuffer) this.kernel = this.#twin();
    else if (module !== undefined) this.kernel = instantiate(module, handle.memory);
    else throw new InvalidArgumentError('this arena is a WebAssembly.Memory, and WebAssembly is not allowed in this thread');
  }

  /**
   * Creates an empty memory.
   * @param size initial size in bytes
   * @param maxSize limit in bytes
   * @throws OutOfMemoryError if the address space has no room for `maxSize`
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

  /** Returns the actual limit in bytes of a memory made with this `maxSize`. */
  static limit(maxSize: number): number {
    return PAGE * Math.min(Math.max(Math.ceil(maxSize / PAGE), FEWEST_PAGES), MOST_PAGES);
  }

  /** Limit of the memory's size, in bytes. */
  get limit(): number {
    return this.words[A_QUOTA >> 2]!;
  }

  /** Returns a closed, empty arena, for threads that have left theirs. */
  static ended(): Region {
    if (left === undefined) {
      left = Region.create('left', 1, 1, false);
      left.words[A_CLOSED >> 2] = 1;
    }
    // Otherwise the twin would keep the memory that it worked on last alive.
    bind(left, () => false);
    return left;
  }

  /** Updates the views if they do not reach up to `end`: another thread or the kernel may have grown the memory. */
  reach(end: number): void {
    if (end > this.size) this.#look();
  }

  /** Like {@link reach}, for reading an element after it. */
  reached(end: number): this {
    this.reach(end);
    return this;
  }

  /** Updates the views to the whole memory. */
  refresh(): void {
    this.#look();
  }

  #look(): void {
    const { memory } = this.handle;
    // Growing by 0 makes this thread see what other threads have grown it to.
    if (!(memory instanceof SharedArrayBuffer)) memory.grow(0);
    const buffer = memory instanceof SharedArrayBuffer ? memory : memory.buffer;
    this.words = new Int32Array(buffer);
    if (this.words[A_MAGIC >> 2] !== MAGIC) throw new InvalidArgumentError('this memory is not an arena');
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

  /** Creates the error of a kernel call that ran out of memory. */
  full(): OutOfMemoryError {
    return new OutOfMemoryError(
      `the shared memory is full: its limit is ${this.limit} bytes; delete something, or create it with a larger maxSize`,
    );
  }

  /** Creates the error for a piece of memory that is too large for any arena. */
  tooLong(bytes: number, most: number): OutOfMemoryError {
    return new OutOfMemoryError(`${bytes} bytes in one piece: shared memory holds pieces of up to ${most} bytes; use several objects`);
  }

  /** Binds the JavaScript kernel to this memory. */
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

/** Creates the error of a call after the end of the arena. Not a method, because an error keeps the objects on the stack alive. */
export function arenaEnded(): ClosedError {
  return new ClosedError('the arena is closed, or this thread has left it');
}

/** Creates a memory of WebAssembly. Returns undefined if the address space has no room for the gigabytes reserved around it. */
function growingMemory(initial: number, maximum: number): SharedMemory | undefined {
  if (crowded) return undefined;
  try {
    const memory = new WebAssembly.Memory({ initial: initial - 1, maximum, shared: true });
    // From Node 24 on V8 reserves the initial size alone if the maximum has no room.
    memory.grow(1);
    return memory;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    crowded = true;
    return undefined;
  }
}

/** Set once the address space has had no room: V8 collects garbage several times, for up to a second, before it fails again. */
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

/** Returns true if this program may run WebAssembly. */
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
