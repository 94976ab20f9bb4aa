import { readState } from '../../engine/state/reader.js';
import { stateChunks } from '../../engine/state/writer.js';
import type { State } from '../../proto/state.js';

/** Writes a state and reads it again, as a manager does that starts from a snapshot. */
export function writtenAndRead<S extends State>(state: S): S {
  return readState(stateChunks(state)) as S;
}
