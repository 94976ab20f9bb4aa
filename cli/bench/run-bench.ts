import { Manager } from '../../client/connect/manager.js';
import { InvalidArgumentError } from '../../proto/errors.js';
import { connect, type InspectionFlags } from '../inspection/manager.js';
import { jsonLine, line, table, type Columns } from '../inspection/output.js';
import { showProgress } from '../progress.js';
import { measure, type Figures } from './measure.js';
import { WORKLOADS } from './workloads.js';

/** Flags of `commonhold bench`. */
export interface BenchFlags extends InspectionFlags {
  /** Time of each measurement. */
  readonly seconds: number;
  readonly clients: number;
  /** Loops of each client in the pipelined measurements. */
  readonly pipeline: number;
  /** Characters of the text that is stored. */
  readonly size: number;
}

interface Measured extends Figures {
  readonly workload: string;
  readonly mode: 'awaited' | 'pipelined';
}

const COLUMNS: Columns<Measured> = {
  WORKLOAD: ({ workload }) => workload,
  MODE: ({ mode }) => mode,
  'CALLS/S': ({ callsPerSecond }) => Math.round(callsPerSecond),
  P50: ({ p50 }) => time(p50),
  P99: ({ p99 }) => time(p99),
  MAX: ({ max }) => time(max),
};

/** Measures the manager of the flags, or else one that is started for it. */
export async function runBench(flags: BenchFlags): Promise<void> {
  if (flags.seconds <= 0 || flags.clients < 1 || flags.pipeline < 1) {
    throw new InvalidArgumentError('give --seconds above 0, and --clients and --pipeline of at least 1');
  }
  const interrupted = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => interrupted.abort(new Error(`${name} came before the end`)));
  }
  await using manager = await (flags.address === undefined ? Manager.start({ label: 'commonhold bench' }) : connect(flags, 'bench'));
  const clients = [manager];
  try {
    const more = flags.address === undefined ? { address: manager.address } : flags;
    while (clients.length < flags.clients) clients.push(await connect(more, 'bench'));
    const measured = await measureAll(clients, flags, interrupted.signal);
    if (!flags.json) for (const text of table(measured, COLUMNS)) line(text);
  } finally {
    await Promise.all(clients.slice(1).map((client) => client.close()));
  }
}

/** Measures all workloads in both modes. */
async function measureAll(clients: readonly Manager[], flags: BenchFlags, signal: AbortSignal): Promise<Measured[]> {
  const modes = { awaited: 1, pipelined: flags.pipeline } as const;
  const plan = WORKLOADS.flatMap((workload) => (['awaited', 'pipelined'] as const).map((mode) => ({ workload, mode })));
  const value = 'x'.repeat(flags.size);
  const measured: Measured[] = [];
  using progress = await showProgress(plan.length);
  for (const { workload, mode } of plan) {
    progress.update(measured.length, `${workload.name}, ${mode}`);
    const figures = await measure(workload, { clients, loops: modes[mode], seconds: flags.seconds, value, signal });
    const each = { workload: workload.name, mode, clients: clients.length, ...figures };
    measured.push(each);
    if (flags.json) jsonLine(each);
  }
  return measured;
}

function time(ms: number): string {
  return ms < 1 ? `${Math.round(ms * 1_000)} µs` : `${ms.toFixed(1)} ms`;
}
