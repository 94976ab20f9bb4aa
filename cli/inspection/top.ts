import { setTimeout as pause } from 'node:timers/promises';
import type { ManagerStats, ObjectInfo } from '../../client/connect/info.js';
import type { Manager } from '../../client/connect/manager.js';
import { connect, type InspectionFlags } from './manager.js';
import { jsonLine, table } from './output.js';
import { duration, size } from './text.js';

export interface TopFlags extends InspectionFlags {
  /** Milliseconds between two looks. */
  readonly every: number;
  /** Number of looks. Default: until it is interrupted. */
  readonly count?: number | undefined;
  readonly by: 'bytes' | 'size' | 'waiters' | 'held';
}

/** Statistics, and the time at which they were taken. */
interface Sample {
  readonly at: number;
  readonly stats: ManagerStats;
}

const CLEAR = '\u001b[H\u001b[J';
/** Lines above the objects. */
const HEAD_LINES = 6;

/** Shows the rates of a manager and its largest objects, again and again. */
export async function top(flags: TopFlags): Promise<void> {
  await using manager = await connect(flags, 'top');
  const isTerminal = process.stdout.isTTY;
  let before = await sample(manager);
  for (let shown = 0; shown < (flags.count ?? Infinity); shown++) {
    await pause(flags.every);
    const now = await sample(manager);
    const rate = ((now.stats.callsTotal - before.stats.callsTotal) * 1_000) / (now.at - before.at);
    before = now;
    if (flags.json) {
      jsonLine({ ...now.stats, callsPerSecond: Math.round(rate) });
      continue;
    }
    const objects = await objectLines(manager, flags.by, isTerminal ? process.stdout.rows - HEAD_LINES : 20);
    process.stdout.write(`${isTerminal ? CLEAR : ''}${[...head(now.stats, rate), ...objects].join('\n')}\n`);
  }
}

async function sample(manager: Manager): Promise<Sample> {
  const stats = await manager.stats();
  return { at: performance.now(), stats };
}

function head(stats: ManagerStats, rate: number): string[] {
  const limits = stats.limits.map(({ name, used, most }) => `${name} ${Math.round((used / most) * 100)} %`);
  return [
    `commonhold ${stats.version}, up ${duration(stats.uptime)}${stats.logFailure === undefined ? '' : `, only reads: ${stats.logFailure}`}`,
    `${Math.round(rate)} calls/s, ${stats.sessions} sessions, ${stats.callsInFlight} calls wait, ${stats.watches} watches, ${stats.heldLocks} holds`,
    `${stats.objects} objects of ${size(stats.bytes)}; process ${size(stats.memory.resident)}, heap ${size(stats.memory.heap)}`,
    `limits: ${limits.join(', ')}`,
    '',
  ];
}

const MEASURES: Record<TopFlags['by'], (info: ObjectInfo) => number> = {
  bytes: ({ bytes }) => bytes,
  size: ({ size }) => size,
  waiters: ({ waiters }) => waiters,
  held: ({ holders }) => holders.length,
};

async function objectLines(manager: Manager, by: TopFlags['by'], most: number): Promise<string[]> {
  const objects: ObjectInfo[] = [];
  for await (const info of manager.objects()) objects.push(info);
  const measure = MEASURES[by];
  const sorted = objects.sort((a, b) => measure(b) - measure(a)).slice(0, Math.max(0, most - 1));
  return table(sorted, {
    NAME: ({ name }) => name,
    KIND: ({ kind }) => kind,
    SIZE: ({ size }) => size,
    BYTES: ({ bytes }) => size(bytes),
    HELD: ({ holders }) => holders.length,
    WAITING: ({ waiters }) => waiters,
  });
}
