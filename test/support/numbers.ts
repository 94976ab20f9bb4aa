import { setTimeout as pause } from 'node:timers/promises';

/** An endless iterable of numbers that records if its iterator was closed. */
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
