import { existsSync } from 'node:fs';
import { salvage, type Salvaged } from './log/segments/salvage.js';
import { verify, type LogDescription, type VerifyProgress } from './log/segments/verify.js';

/** The findings of a look at a data directory. */
export interface Diagnosis {
  /** For people. */
  readonly text: string;
  /** True if a manager can start with the directory. */
  readonly sound: boolean;
  readonly log: LogDescription;
  /** Set if it was to be repaired. */
  readonly repaired?: Omit<Salvaged, 'kept'>;
}

/**
 * Examines the data directory of a manager that is stopped.
 * @param repair true to keep everything before the first damage, and to move the rest aside
 * @param onProgress told of the bytes that are read, for each reading of the directory
 * @throws Error if there is no such directory; AlreadyExistsError if it is to be repaired while a manager has it
 */
export async function examine(directory: string, repair: boolean, onProgress: VerifyProgress): Promise<Diagnosis> {
  if (!existsSync(directory)) throw new Error(`there is no directory ${directory}`);
  if (!repair) return diagnosisOf(await verify(directory, onProgress));
  const { kept, ...repaired } = await salvage(directory, onProgress);
  const diagnosis = diagnosisOf(kept);
  return { ...diagnosis, text: [...repairs(repaired), diagnosis.text].join('\n'), repaired };
}

function repairs({ damages, aside, moved }: Omit<Salvaged, 'kept'>): string[] {
  if (damages.length === 0) return ['nothing was damaged, and nothing was changed'];
  const places = damages.map(({ file, offset, reason }) => `damaged: ${file}, offset ${offset}: ${reason}`);
  return [...places, `moved to ${aside}: ${moved.join(', ')}`, 'the rest:'];
}

function diagnosisOf(log: LogDescription): Diagnosis {
  const { snapshot, segments, torn, damage } = log;
  const lines = [
    snapshot === undefined
      ? 'no snapshot'
      : `${snapshot.file}: a snapshot of everything up to record ${snapshot.position}, ${snapshot.bytes} bytes`,
    ...segments.map(({ file, first, last, bytes }) => `${file}: ${recordsIn(first, last)}, ${bytes} bytes`),
  ];
  if (torn !== undefined) lines.push(`${torn.bytes} bytes at the end were never acknowledged; the next start cuts them off`);
  if (damage === undefined) return { text: [...lines, 'sound'].join('\n'), sound: true, log };
  const { file, offset, position, reason } = damage;
  lines.push(`damaged: ${file}, offset ${offset}, record ${position}: ${reason}`);
  lines.push('restore the directory from a backup, or keep everything before this place: commonhold doctor DIRECTORY --salvage');
  return { text: lines.join('\n'), sound: false, log };
}

function recordsIn(first: number, last: number): string {
  return last < first ? 'no records' : `records ${first} to ${last}`;
}
