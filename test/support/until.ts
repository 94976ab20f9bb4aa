import { setTimeout as pause } from 'node:timers/promises';

/** Asks again and again until it is so, for things that no event tells; in the end it gives up. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>, within = 120_000): Promise<void> {
  const end = performance.now() + within;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`not within ${within} ms: ${what}`);
    await pause(5);
  }
}

/** Whether a process is there. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
