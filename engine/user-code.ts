import { isThenable } from '../proto/thenable.js';
import type { CodeOutcome, UserCode, WrittenOutcome } from './core/system.js';

/** Runs users' code in this thread. This is the only place where promises of users' code meet the engine. */
export class LocalUserCode implements UserCode {
  /** @param turn runs work as a turn of the engine */
  constructor(private readonly turn: (work: () => void) => void) {}

  run<W extends WrittenOutcome>(
    code: () => unknown,
    write: (outcome: CodeOutcome) => W,
    completed: (written: () => W) => void,
  ): W | undefined {
    const outcome = outcomeOf(code);
    if ('value' in outcome || 'error' in outcome) return write(outcome);
    const complete = (outcome: CodeOutcome): void => this.turn(() => completed(() => write(outcome)));
    void Promise.resolve(outcome.promise).then(
      (value: unknown) => complete({ value }),
      (error: unknown) => complete({ error }),
    );
    return undefined;
  }

  runDetached(code: () => unknown): void {
    void (async () => code())();
  }
}

function outcomeOf(code: () => unknown): CodeOutcome | { readonly promise: PromiseLike<unknown> } {
  try {
    const value = code();
    // Within the `try`, because `then` may be a getter of the user.
    return isThenable(value) ? { promise: value } : { value };
  } catch (error) {
    return { error };
  }
}
