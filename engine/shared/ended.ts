import { BUSY, C_BITS, E_CELL, E_KEY, E_SHAPE, O_CLAIMS, O_NAME, O_UID } from './kernel/layout.js';
import type { Space } from './space.js';

/** Frees the header of an object that is out of the directory, at the next sweep. */
export function dropHeader(space: Space, object: number): void {
  for (const block of [space.word(object + O_NAME), space.word(object + O_CLAIMS), object]) {
    if (block !== 0) space.kernel.dropBlock(space.self, block);
  }
}

/**
 * Takes an object out of the directory whose end a thread had begun that is gone: whoever still waits on it is told.
 * What it held is lost. It uses no memory that this thread may be in the middle of using. Under the directory's guard.
 */
export function finishEnd(space: Space, directory: number, uid: number, entry: number): void {
  const { kernel, self } = space;
  const object = space.word(entry + E_CELL + C_BITS);
  if (space.word(object + O_UID) !== 0) return;
  let answer = kernel.objectEnd(self, object, 0);
  while (answer === BUSY && space.again(answer, object)) answer = kernel.objectEnd(self, object, 0);
  kernel.mapDelete(self, directory, uid, space.word(entry + E_SHAPE), entry + E_KEY, entry + E_CELL);
  dropHeader(space, object);
}
