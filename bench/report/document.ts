import { writeFile } from 'node:fs/promises';
import { sourceFile } from '../machine.js';
import type { RowResult } from '../row.js';
import { figure, linesOf, reached, verdict } from './format.js';

const HEAD = `# Benchmarks

Written by \`make bench\`; do not edit. Figures in full: \`bench/results.json\`.

Peers and limits are measured in the same run on the same machine, each in processes of its own, with
NODE_ENV=production and after a warm-up. Rounds alternate (ours, peer, peer, limit, ours, …); a figure is
the median of its rounds, a ratio the median of the ratios paired by round, with the least and the
greatest beside it. **A ratio above 1 means that commonhold is better, whatever the unit.**

Where one caller awaits each call, the cost is two wake-ups of a process each way, whatever the code. The
honest measure there is the limit: a bare \`node:http2\` stream on the same kind of socket that does nothing
but send 40 bytes back and forth, which no gRPC on Node can beat. Peers on plain sockets can be faster
there. What helps is not to wait for each call: calls made together travel together, and reads from a near
cache or from shared memory do not travel at all. Idle cores wake slowly, so these rows are measured a
second time with one spinner of the lowest priority on each core: \`+spinners\`.

Rows that begin with \`shared\` are about threads of one process at objects in shared memory, by \`sync\`, beside
what else threads of Node have, and beside processes of Python. Where the figure to reach is no peer's, it
stands among the limits as \`asked\`.
`;

/** Writes `docs/benchmarks.md` from all known results. */
export async function writeDocument(results: readonly RowResult[]): Promise<void> {
  const sections = [HEAD, summary(results), ...results.map(section)];
  await writeFile(sourceFile('docs/benchmarks.md'), sections.join('\n'));
}

function summary(results: readonly RowResult[]): string {
  const lines = results.flatMap((result) =>
    result.targets.map((target) =>
      tableLine([
        `[${result.row}](#${anchorOf(result)})`,
        `${figure(result.ours)} ${result.unit}`,
        `${target.atLeast} × ${target.against}`,
        reached(target),
      ]),
    ),
  );
  return [tableLine(['row', 'commonhold', 'target', 'outcome']), '|---|---:|---|---|', ...lines, ''].join('\n');
}

function section(result: RowResult): string {
  const contenders = linesOf(result).map(({ name, role, figure: value, ratio, spread }) =>
    tableLine([role === 'ours' ? `**${name}**` : name, role, value, ratio, spread]),
  );
  const spinners = result.spinners ? ' With one low-priority spinner on each core.' : '';
  const quick = result.quick ? ' **A quick run: a smoke test, not a measurement.**' : '';
  return [
    `## ${result.row}`,
    '',
    `${capitalised(result.work)}.${spinners}${quick}`,
    '',
    tableLine(['', '', result.unit, 'ratio', 'spread']),
    '|---|---|---:|---:|---|',
    ...contenders,
    '',
    ...result.targets.map((target) => `- Target ${verdict(target)}`),
    ...result.notes.map((note) => `- Note: ${note}`),
    `- ${result.rounds} rounds, ${result.measured.slice(0, 10)}, ${result.machine}`,
    '',
  ].join('\n');
}

function tableLine(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** Returns the anchor that GitHub makes: of "sequential+spinners" only letters, digits and hyphens remain. */
function anchorOf({ row }: RowResult): string {
  return row.replace(/[^a-z0-9-]/g, '');
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
