import { examine } from '../server/doctor.js';
import { EXIT } from './flags.js';

/** Examines a data directory, and says what it found. */
export async function runDoctor(directory: string, { salvage = false }: { salvage?: boolean }): Promise<void> {
  const { text, sound } = await examine(directory, salvage);
  console.log(text);
  if (!sound) process.exitCode = EXIT.failed;
}
