import { setTimeout as sleep } from 'node:timers/promises';
import { Presets, SingleBar } from 'cli-progress';

const INTERVAL = 100; // milliseconds between two reads

interface Display {
  update(done: number): void;
  stop(): void;
}

/** Shows the progress of the work until it ends, and returns its result: a bar on a terminal, plain lines elsewhere, both on stderr. */
export async function showProgress<T>(read: () => Promise<number>, total: number, work: Promise<T>): Promise<T> {
  const display = process.stderr.isTTY ? bar(total) : lines(total);
  const ended = work.then(
    () => true,
    () => true,
  );
  try {
    while (!(await Promise.race([ended, sleep(INTERVAL, false)]))) display.update(await read());
    display.update(await read());
  } finally {
    display.stop();
  }
  return work;
}

function bar(total: number): Display {
  const shown = new SingleBar({ format: ' {bar} {percentage} % | {eta_formatted} left' }, Presets.shades_classic);
  shown.start(total, 0);
  return shown;
}

/** Writes one line per ten per cent. */
function lines(total: number): Display {
  let shown = -1;
  return {
    update(done) {
      const tenth = total === 0 ? 10 : Math.floor((10 * done) / total);
      if (tenth > shown) console.error(`${tenth * 10} %`);
      shown = Math.max(shown, tenth);
    },
    stop() {},
  };
}
