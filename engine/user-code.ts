import { isThenable } from '../proto/thenable.js';
import type { CodeOutcome, UserCode } from './core/system.js';

/** Runs users' code in this thread. This is the only place where promises of users' code meet the engine. */
export class LocalUserCode implements UserCode {
  /** @param turn runs work as a turn of the engine */
  constructor(private readonly turn: (work: () => void) => void) {}

  run(code: () => unknown, completed: (outcome: CodeOutcome) => void): CodeOutcome | undefined {
    try {
      const value = code();
      // Within the `try`, because `then` may be a getter of the user.
      if (!isThenable(value)) return { value };
      const complete = (outcome: CodeOutcome): void => this.turn(() => completed(outcome));
      void Promise.resolve(value).then(
        (value: unknown) => complete({ value }),
        (error: unknown) => complete({ error }),
      );
      return undefined;
    } catch (error) {
      return { error };
    }
  }

  runDetached(code: () => unknown): void {
    void (async () => code())();
  }
}
