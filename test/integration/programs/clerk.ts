import { appendFileSync, existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Registry } from '../../../server/index.js';

/** A type with effects outside of the manager. */
class Clerk {
  async waitFor(file: string): Promise<void> {
    while (!existsSync(file)) await pause(5);
  }

  note(file: string): void {
    appendFileSync(file, '.');
  }

  save(): null {
    return null;
  }

  static restore(): Clerk {
    return new Clerk();
  }
}

export default (registry: Registry): void => registry.register('Clerk', Clerk);
