import { join } from 'node:path';
import { DamagedLogError } from '../../../proto/errors.js';

/** A place where a log is not as it was written. */
export interface Damage {
  /** Name of the file. */
  readonly file: string;
  readonly offset: number;
  /** The first record that is lost; for a damaged snapshot its position. */
  readonly position: number;
  readonly reason: string;
}

/** Stops the reading of a log. {@link verify} and {@link salvage} catch it for its place. */
export class LogDamage extends DamagedLogError {
  constructor(
    directory: string,
    readonly damage: Damage,
  ) {
    const { file, offset, position, reason } = damage;
    super(
      `the log is damaged: ${join(directory, file)}, offset ${offset}, position ${position}: ${reason}. ` +
        `Restore the directory from a backup, or keep everything before this place: commonhold doctor ${directory} --salvage`,
    );
    Object.defineProperty(this, 'name', { value: DamagedLogError.name });
  }
}
