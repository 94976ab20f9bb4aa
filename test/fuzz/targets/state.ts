import fc from 'fast-check';
import { DamagedStateError, readState } from '../../../engine/state/reader.js';
import { stateChunks } from '../../../engine/state/writer.js';
import type { State } from '../../../proto/state.js';
import { state } from '../../support/arbitrary-state.js';
import { drawing, type Draw } from '../../support/random.js';
import { Mutator } from '../mutator.js';
import type { Round, Target } from '../target.js';

/** The written states of machines, as a log has them in its snapshots and turns. */
export const target: Target = {
  inputs: 2_000,
  begin: (seed) => new StateRound(seed),
};

/** States that a round mutates. */
const STATES = 100;

class StateRound implements Round {
  readonly #draw: Draw;
  readonly #mutator: Mutator;

  constructor(seed: number) {
    this.#draw = drawing(seed);
    this.#mutator = new Mutator(this.#draw, fc.sample(state, { numRuns: STATES, seed }).map(written));
  }

  next(): Uint8Array {
    return this.#mutator.mutated(this.#mutator.one());
  }

  take(bytes: Uint8Array): void {
    const at = this.#draw(bytes.length + 1);
    const state = readOrRefused([bytes.subarray(0, at), bytes.subarray(at)]);
    if (state === undefined) return;
    const again = written(state);
    if (Buffer.compare(again, written(readState([again]))) !== 0) throw new Error('a state that is written is read as another one');
  }
}

function written(state: State): Buffer {
  return Buffer.concat([...stateChunks(state)]);
}

/** Undefined if the bytes are refused as damaged. */
function readOrRefused(chunks: readonly Uint8Array[]): State {
  try {
    return readState(chunks);
  } catch (error) {
    if (error instanceof DamagedStateError) return undefined;
    throw error;
  }
}
