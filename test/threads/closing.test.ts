import { describe, expect, it } from '@jest/globals';
import { fileURLToPath } from 'node:url';
import { Arena, ClosedError } from 'commonhold';
import { Daemon } from '../support/daemon.js';
import { Program } from '../support/program.js';
import { until } from '../support/until.js';
import { stress } from '../support/stress.js';

const PROGRAM = fileURLToPath(new URL('./programs/closing.js', import.meta.url));
const ROUNDS = stress(6, 10);

/**
 * Runs a program that makes and closes memories of 20 MiB, all used by one long-lived thread; returns the memory it keeps beyond the first,
 * in MiB.
 */
async function kept(flags: readonly string[], ...parameters: readonly string[]): Promise<number> {
  const { stdout, stderr } = await new Program(process.execPath, [...flags, PROGRAM, String(ROUNDS), ...parameters]).exited;
  if (stdout === '') throw new Error(stderr);
  return Number(stdout.trim().split('\n').at(-1));
}

describe('the memory of an arena that was closed is free', () => {
  it.each([
    ['when no thread has a proxy of it any more', [], 'drop'],
    ['although a thread still has proxies of it', [], 'keep'],
    ['although a thread still has proxies of it, without WebAssembly', ['--jitless'], 'keep'],
  ])('%s', async (_, flags, keep) => {
    expect(await kept(flags, 'arena', keep)).toBeLessThan(100);
  });
});

describe('the memory of objects at home in a process', () => {
  it('is free when their manager was closed, and later ones are in another memory', async () => {
    await using daemon = await Daemon.serve();
    expect(await kept([], 'home', 'drop', daemon.address)).toBeLessThan(100);
  });
});

describe('threads that wait when an arena is closed', () => {
  it('get ClosedError, by promise or blocked, and lose their holds', async () => {
    const arena = Arena.create();
    const [value, event, lock, taken] = [arena.value('value', 0), arena.event('event'), arena.lock('lock'), arena.event('taken')];
    const program = (name: string): URL => new URL(`./programs/${name}.js`, import.meta.url);
    const holding = arena.thread<typeof import('./programs/losing.js')>(program('losing'), lock, taken);
    await taken.wait();
    const waiting = arena.thread<typeof import('./programs/keeping.js')>(program('keeping'), value, event);
    const blocked = arena.thread<typeof import('./programs/blocked.js')>(program('blocked'), lock);
    const waiters = (proxy: typeof event | typeof lock): number => proxy.local().shared.objects.any(proxy.name)?.waiters ?? 0;
    await until('both wait', () => waiters(event) + waiters(lock) === 2);
    await arena.close();
    for (const { result } of [waiting, blocked]) await expect(result).rejects.toBeInstanceOf(ClosedError);
    expect(await holding.result).toBe('CLOSED');
  });
});

describe('an object that another thread destroyed', () => {
  it('leaves nothing behind in the threads that used it', async () => {
    const { stdout, stderr } = await Program.node(new URL('./programs/forgetting.js', import.meta.url)).exited;
    expect(stderr).toBe('');
    expect(Number(stdout)).toBeLessThan(60);
  });
});
