import { existsSync, writeFileSync } from 'node:fs';

/** Keeps its manager from doing anything else. */
export class Busy {
  /** Blocks until a file exists; marks its start by another one. */
  until(file: string): string {
    writeFileSync(`${file}.begun`, '');
    const rest = new Int32Array(new SharedArrayBuffer(4));
    while (!existsSync(file)) Atomics.wait(rest, 0, 0, 20);
    return 'done';
  }
}
