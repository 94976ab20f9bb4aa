import { setTimeout as pause } from 'node:timers/promises';

/** Polls until `isSo` returns true, for states without an event; throws after `within` milliseconds. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>, within = 300_000): Promise<void> {
  const end = performance.now() + within;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`not within ${within} ms: ${what}`);
    await pause(5);
  }
}

/** True if a process exists. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
