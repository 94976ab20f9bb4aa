/**
 * Attacks a daemon in one way after another, while an innocent client makes its calls:
 *
 *     SECONDS_EACH=… node dist/test/overload/main.js [WORD …]    the attacks with these words in their names; default: all
 *
 * Prints a row for each. Ends with 1 if the daemon ended, or used more memory than its limits allow.
 */
import { fileURLToPath } from 'node:url';
import { Manager } from 'commonhold';
import { Daemon } from '../support/daemon.js';
import { Program } from '../support/program.js';
import { ATTACKS, LARGE, type Target } from './attacks.js';

const MIB = 1024 * 1024;
const LIMITS = { memory: 256 * MIB, inFlight: 256 * MIB };
/** Memory that a daemon has of its own, garbage included: the limits are about contents. */
const OWN = 512 * MIB;
const TOKEN = 'the token of the campaign';
const SECONDS = Number(process.env['SECONDS_EACH'] || 10);

const [ATTACKER, INNOCENT] = ['attacker.js', 'innocent.js'].map((name) => fileURLToPath(new URL(name, import.meta.url))) as [
  string,
  string,
];
const words = process.argv.slice(2);
const chosen = Object.keys(ATTACKS).filter((name) => words.length === 0 || words.some((word) => name.includes(word)));

/** Times of an innocent client's calls, in milliseconds. */
class Times {
  readonly #sorted: readonly number[];

  constructor(times: readonly number[]) {
    this.#sorted = times.toSorted((a, b) => a - b);
  }

  at(part: number): number {
    return this.#sorted[Math.min(this.#sorted.length - 1, Math.floor(this.#sorted.length * part))]!;
  }

  toString(): string {
    return [this.at(0.5), this.at(0.99), this.at(1)].map((ms) => ms.toFixed(2).padStart(9)).join('');
  }
}

async function innocent(target: Target): Promise<Times> {
  const { stdout, stderr } = await Program.node(INNOCENT, [JSON.stringify(target), String(SECONDS * 1000)]).exited;
  if (stderr !== '') throw new Error(`the innocent client: ${stderr}`);
  return new Times(JSON.parse(stdout) as number[]);
}

/** Returns true if the daemon held. */
async function withstand(name: string): Promise<boolean> {
  const flags = ['--max-memory', String(LIMITS.memory), '--max-in-flight', String(LIMITS.inFlight)];
  await using daemon = await Daemon.serve(['--listen', '127.0.0.1:0', ...flags], { COMMONHOLD_TOKEN: TOKEN });
  const target: Target = { address: daemon.address, token: TOKEN };
  await using manager = await Manager.connect(target.address, { token: TOKEN });
  await manager.dict<string, string>(LARGE.name).set(LARGE.key, 'x'.repeat(LARGE.bytes));
  const quiet = await innocent(target);
  let most = 0;
  const watching = setInterval(
    () =>
      void manager.stats().then(
        ({ memory }) => (most = Math.max(most, memory.resident)),
        () => {},
      ),
    200,
  );
  const attacker = Program.node(ATTACKER, [name, JSON.stringify(target)]);
  await attacker.said(/attacks/);
  const during = await innocent(target).catch((error: unknown) => String(error));
  clearInterval(watching);
  const { signal, stderr } = await attacker.kill('SIGKILL');
  if (signal !== 'SIGKILL') throw new Error(`the attacker ended by itself: ${stderr}`);
  const { limits } = await manager.stats();
  const refused = limits.filter(({ refused }) => refused > 0).map((limit) => `${limit.name}: ${limit.refused}`);
  const ratio = typeof during === 'string' ? '' : (during.at(0.99) / quiet.at(0.99)).toFixed(1);
  console.log(
    `${name.padEnd(52)}${String(quiet)}${String(during)}${ratio.padStart(7)}${(most / MIB).toFixed(0).padStart(8)}  ${refused.join(', ')}`,
  );
  return typeof during !== 'string' && most < LIMITS.memory + LIMITS.inFlight + OWN;
}

console.log(
  `${''.padEnd(52)}${'quiet: p50      p99      max'.padStart(27)}${'attacked: p50   p99      max'.padStart(27)}  ratio  MiB    refused`,
);
for (const name of chosen) if (!(await withstand(name))) process.exitCode = 1;
