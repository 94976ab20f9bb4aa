import { REFERENCE, type Reference } from '../../../proto/codec/reference.js';
import { arenaOn } from '../../support/arena.js';
import { atDepths, refuseOthers } from '../../support/stack-depths.js';

// Takes values out of shared memory near the end of the stack, in all ways, where they cannot be decoded. Prints a line for each way that lost
// a value or took it twice. Its argument: the kernel.
const [kernel] = process.argv.slice(2);

/** Number of values, more than all calls take. */
const COUNT = 900;
/** Number of frames that decoding a value takes: much more of the stack than an operation. */
const FRAMES = 2000;

/** A reference that is opened recursively. */
class Deep {
  constructor(readonly id: number) {}

  [REFERENCE](): Reference {
    return { kind: 'list', name: String(this.id), address: 'elsewhere' };
  }
}

/** Number of times that the stack ended while a value was decoded. */
let overflows = 0;

function descend(frames: number): number {
  return frames === 0 ? 0 : descend(frames - 1) + 1;
}

const arena = arenaOn(kernel === 'WebAssembly', 1 << 25, ({ name }) => {
  try {
    descend(FRAMES);
  } catch (error) {
    overflows++;
    throw error;
  }
  return new Deep(Number(name));
});
const dict = arena.dict<string, Deep>('dict');
const list = arena.list<Deep>('list');
const queue = arena.queue<Deep>('queue');

/** Operations that take values, by the number of the call. */
const WAYS: Record<string, (call: number) => unknown> = {
  'dict.sync.pop': (call) => dict.sync.pop(`key ${call}`),
  'dict.sync.popItem': () => dict.sync.popItem(),
  'list.sync.pop': () => list.sync.pop(),
  'list.sync.pop in the middle': () => list.sync.pop(5),
  'list.sync.shift': () => list.sync.shift(),
  'list.sync.splice': () => list.sync.splice(3, 1),
  'queue.sync.get': () => queue.sync.get({ timeout: 0 }),
  'queue.sync.tryGet': () => queue.sync.tryGet(),
  'queue.sync.getMany': () => queue.sync.getMany(2, { timeout: 0 }),
  'dict.pop': (call) => dict.pop(`key ${call}`),
  'dict.popItem': () => dict.popItem(),
  'list.pop': () => list.pop(),
  'list.shift': () => list.shift(),
  'list.splice': () => list.splice(3, 1),
  'queue.get': () => queue.get(),
  'queue.tryGet': () => queue.tryGet(),
  'queue.getMany': () => queue.getMany(2),
};

/** The ids of all values in a result. */
function idsIn(result: unknown): number[] {
  if (Array.isArray(result)) return result.flatMap(idsIn);
  return result instanceof Deep ? [result.id] : [];
}

function fill(): void {
  const values = Array.from({ length: COUNT }, (_, id) => new Deep(id));
  dict.sync.setMany(values.map((value) => [`key ${value.id}`, value]));
  list.sync.extend(values);
  queue.sync.putMany(values, { timeout: 0 });
}

/** Empties all objects, and returns the ids that they had. */
function drain(): Record<string, number[]> {
  const values = { dict: [...dict.sync.values()], list: list.sync.toArray(), queue: queue.sync.getMany(COUNT, { timeout: 0 }) };
  dict.sync.clear();
  list.sync.clear();
  return Object.fromEntries(Object.entries(values).map(([name, all]) => [name, idsIn(all)]));
}

process.on('unhandledRejection', refuseOthers);
for (const [name, take] of Object.entries(WAYS)) {
  fill();
  overflows = 0;
  const results: unknown[] = [];
  let call = 0;
  atDepths(0, () => {
    const at = call++;
    results.push(take(at));
  });
  const settled = await Promise.allSettled(results);
  const taken = settled.flatMap((result) => (result.status === 'fulfilled' ? idsIn(result.value) : []));
  const ended = overflows;
  const kind = name.slice(0, name.indexOf('.'));
  const all = [...taken, ...drain()[kind]!].sort((a, b) => a - b);
  if (all.length !== COUNT || all.some((id, index) => id !== index)) process.stdout.write(`${name} leaves ${all.length} of ${COUNT}\n`);
  if (taken.length === 0) process.stdout.write(`${name} took nothing\n`);
  if (name.includes('sync') !== ended > 0) process.stdout.write(`${name}: the stack ended ${ended} times in the decoder\n`);
}
process.stdout.write('done\n');
process.exit();
