import { examine } from '../server/doctor.js';
import { EXIT } from './flags.js';
import { jsonLine, line } from './inspection/output.js';
import { showProgress } from './progress.js';

/** Flags of `commonhold doctor`. */
export interface DoctorFlags {
  readonly salvage?: boolean;
  readonly json?: boolean;
}

/** Examines a data directory, and says what it found. */
export async function runDoctor(directory: string, { salvage = false, json = false }: DoctorFlags): Promise<void> {
  const { text, sound, log, repaired } = await examined(directory, salvage);
  if (json) jsonLine({ sound, ...log, repaired });
  else line(text);
  if (!sound) process.exitCode = EXIT.failed;
}

async function examined(directory: string, salvage: boolean): ReturnType<typeof examine> {
  using progress = await showProgress(1);
  return await examine(directory, salvage, (read, total) => progress.update(read / total));
}
