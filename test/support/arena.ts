import { randomUUID } from 'node:crypto';
import { localAt, receiveLocal } from '../../client/shared/arenas.js';
import { Arena } from '../../client/index.js';
import { openAnywhere } from '../../client/shared/share.js';
import type { Reference } from '../../proto/codec/reference.js';
import type { SharedEngine } from '../../engine/shared/index.js';
import { Region } from '../../engine/shared/memory/region.js';

/**
 * An arena on one of the kernels, as small as one can be.
 * @param elsewhere makes the value of a reference to an object outside of it
 */
export function arenaOn(wasm: boolean, maxSize: number, elsewhere: (reference: Reference) => unknown = openAnywhere): Arena {
  const address = `arena:${randomUUID()}`;
  receiveLocal(new Map([[address, Region.create(address, 1, maxSize, wasm).handle]]), elsewhere);
  return new Arena(localAt(address)!);
}

/** The engine by which this thread works on an arena. */
export function engineOf(arena: Arena): SharedEngine {
  return localAt(arena.address)!.engine;
}
