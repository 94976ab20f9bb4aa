import { types } from 'node:util';
import { MessagePort } from 'node:worker_threads';
import { InvalidArgumentError } from '../../proto/errors.js';

/** Memory or a port that a thread can give to another one instead of a copy. */
export type Movable = ArrayBuffer | MessagePort;

/** The parts that `move` was told of, by value, until the value is sent. */
const moving = new WeakMap<object, readonly Movable[]>();

/**
 * Marks an argument or a result of a thread: when it is sent, these parts of it are moved to the other thread, not copied. A moved
 * ArrayBuffer has length 0 here afterwards, as have the views over it; a moved port can no longer be used here. For arguments that happens
 * when the function is called, for a result when the task returns it. The mark counts for the next time that the value is sent.
 *
 *     await pool.apply(move(pixels));                  // pixels: a Uint8Array or an ArrayBuffer
 *     return move({ width, pixels }, [pixels.buffer]); // in the worker's function
 *
 * Processes share no memory: to and from them ArrayBuffers are copied all the same, and ports refused.
 * @param value an argument, or the result
 * @param parts ArrayBuffers and MessagePorts in it. Default: the value itself, or the buffer that it is a view of
 * @returns the value
 * @throws InvalidArgumentError if a part is neither an ArrayBuffer nor a MessagePort
 */
export function move<T extends object>(value: T, parts: readonly Movable[] = [ownPart(value)]): T {
  for (const part of parts) {
    if (types.isArrayBuffer(part) || (part as unknown) instanceof MessagePort) continue;
    throw new InvalidArgumentError('move: give ArrayBuffers and MessagePorts, as in move(result, [result.pixels.buffer])');
  }
  moving.set(value, parts);
  return value;
}

/** Returns the parts of values that are to be moved, and clears their marks. */
export function takeMoving(values: readonly unknown[]): readonly Movable[] {
  const taken: Movable[] = [];
  for (const value of values) {
    if (typeof value !== 'object' || value === null) continue;
    const parts = moving.get(value);
    if (parts === undefined) continue;
    taken.push(...parts);
    moving.delete(value);
  }
  return taken;
}

function ownPart(value: object): Movable {
  return (ArrayBuffer.isView(value) ? value.buffer : value) as Movable;
}
