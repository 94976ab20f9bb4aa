import type { CodeOutcome, UserCode, WrittenOutcome } from '../../core/system.js';

/** Counts the functions of users that are not over. */
export class CountedUserCode implements UserCode {
  running = 0;

  constructor(private readonly userCode: UserCode) {}

  run<W extends WrittenOutcome>(
    code: () => unknown,
    write: (outcome: CodeOutcome) => W,
    completed: (written: () => W) => void,
  ): W | undefined {
    const written = this.userCode.run(code, write, (later) => {
      this.running--;
      completed(later);
    });
    if (written === undefined) this.running++;
    return written;
  }

  runDetached(code: () => unknown): void {
    this.userCode.runDetached(code);
  }
}
