/** Shows how far long work is. It is disposed when the work ends. */
export interface ProgressBar extends Disposable {
  /** @param detail shown behind the bar */
  update(done: number, detail?: string): void;
  /** Writes a line to standard error, above the bar. */
  tell(text: string): void;
}

const CLEAR_LINE = '\r\u001b[K';
/** Parts of the whole for which the bar is drawn again at most once. */
const STEPS = 1_000;

/**
 * Shows a bar on standard error if that is a terminal, and else nothing.
 * @param total value of `done` at the end; 0 if it is not known, so that only details are shown
 */
export async function showProgress(total: number): Promise<ProgressBar> {
  if (!process.stderr.isTTY) return { update() {}, tell, [Symbol.dispose]() {} };
  const { Presets, SingleBar } = await import('cli-progress');
  // The terminal stays as it is, so that nothing needs to be restored if a signal ends the program.
  const terminal = { hideCursor: null, linewrap: null, gracefulExit: false, clearOnComplete: true, forceRedraw: true };
  const format = total === 0 ? ' {detail}' : ' {bar} {percentage} % | {detail}{eta_formatted} left';
  const bar = new SingleBar({ ...terminal, format }, Presets.shades_classic);
  bar.start(total, 0, { detail: '' });
  let shown = 0;
  return {
    update(done, detail = '') {
      if (done - shown < total / STEPS) return;
      shown = done;
      bar.update(Math.min(done, total), { detail: detail && total > 0 ? `${detail} | ` : detail });
    },
    tell(text) {
      process.stderr.write(CLEAR_LINE);
      tell(text);
    },
    [Symbol.dispose]: () => bar.stop(),
  };
}

/** Tells the user something; standard output is for data. */
export function tell(text: string): void {
  process.stderr.write(`commonhold: ${text}\n`);
}
