import { setTimeout as pause } from 'node:timers/promises';

/** Numbers without end, and what became of their iterator. */
export class Numbers {
  taken = 0;
  closed = false;

  *sync(): Generator<number> {
    try {
      for (;;) yield this.taken++;
    } finally {
      this.closed = true;
    }
  }

  async *async(): AsyncGenerator<number> {
    try {
      for (;;) {
        await pause(1);
        yield this.taken++;
      }
    } finally {
      this.closed = true;
    }
  }
}
