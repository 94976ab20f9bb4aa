// The types of pools: inputs and results come from the module's default export, the initializer's arguments from its `initialize`.
import {
  currentWorker,
  taskSignal,
  type CurrentWorker,
  type InitializerOf,
  type InputOf,
  type Manager,
  type Pool,
  type PoolStats,
  type Progress,
  type ResultIterator,
  type SharedValue,
  type WorkerHandle,
} from 'commonhold';
import { compiles, holds, typed, type Same } from './support.js';

type Square = typeof import('../integration/programs/square.js');
type Initialized = typeof import('../integration/programs/initialized.js');
interface Two {
  default: (text: string, times: number) => Promise<string[]>;
}

holds<Same<InputOf<Square>, number>>();
holds<Same<InputOf<Two>, never>>();
holds<Same<InitializerOf<Square>, []>>();
holds<Same<InitializerOf<Initialized>, [given: number, times: SharedValue<number>]>>();

compiles(async (manager: Manager, url: URL) => {
  const pool = manager.pool<Square>(url, { processes: 2, maxTasksPerChild: 10, taskTimeout: 100 });
  typed<Pool<Square>>()(pool);
  typed<number>()(await pool.apply(1));
  typed<number>()(await pool.apply(1, 20));
  pool.on('workerDied', ({ exitSignal }) => typed<NodeJS.Signals | undefined>()(exitSignal)).on('drained', () => {});
  // @ts-expect-error: no such event
  pool.off('finished', () => {});
  typed<number>()(await pool.submit([1], { timeout: 10, signal: AbortSignal.timeout(1) }));
  typed<number[]>()(await pool.map([1, 2], { chunkSize: 2, onProgress: ({ done, total }: Progress) => [done, total] }));
  typed<number[]>()(await pool.map(new Set([1])));
  typed<number[]>()(await pool.starmap([[1], [2, 20]] as const));
  typed<ResultIterator<number>>()(pool.imap((async function* () {})() as AsyncGenerator<number>));
  for await (const result of pool.imapUnordered([1])) typed<number>()(result);
  for await (const entry of pool.imapUnordered([1]).entries()) typed<[index: number, result: number]>()(entry);
  typed<PromiseSettledResult<number>[]>()(await pool.mapSettled([1, 2]));
  typed<PoolStats>()(pool.stats);
  await pool.close();
  await pool.join({ timeout: 10 });
  await using same = pool;
  await same.terminate();

  // @ts-expect-error Inputs are numbers.
  await pool.map(['1']);
  // @ts-expect-error Inputs are numbers.
  pool.imap(['1']);
  // @ts-expect-error An argument is missing.
  await pool.apply();
  // @ts-expect-error One is too many.
  await pool.apply(1, 2, 3);
  // @ts-expect-error Argument lists are lists.
  await pool.starmap([1]);
  // @ts-expect-error A pool has `processes` or `threads`.
  manager.pool<Square>(url, { process: 1 });
  // @ts-expect-error The module has no initialize().
  manager.pool<Square>(url, { initializer: [1] });
});

compiles(async (manager: Manager, url: URL, value: SharedValue<number>) => {
  const pool = manager.pool<Two>(url);
  typed<string[]>()(await pool.apply('a', 2));
  typed<string[][]>()(await pool.starmap([['a', 2]]));
  // @ts-expect-error The function needs two arguments: starmap() gives them.
  await pool.map(['a']);

  typed<Pool<Initialized>>()(manager.pool<Initialized>(url, { initializer: [1, value] }));
  // @ts-expect-error initialize() needs its arguments.
  manager.pool<Initialized>(url);
  // @ts-expect-error All of them.
  manager.pool<Initialized>(url, { initializer: [1] });
  // @ts-expect-error Of their types.
  manager.pool<Initialized>(url, { threads: 1, initializer: ['1', value] });
});

compiles((manager: Manager, url: URL) => {
  const worker = manager.worker({ daemonic: true, name: 'one', env: { A: 'b', C: undefined }, execArgv: ['--no-warnings'] });
  typed<WorkerHandle<number>>()(worker.fork<Square>(url, 1));
  typed<WorkerHandle<number>>()(worker.thread<Square>(url, 1, 2));
  // @ts-expect-error The input is a number.
  worker.fork<Square>(url, '1');
  // @ts-expect-error There is no such option.
  manager.worker({ demonic: true });
  typed<AbortSignal>()(taskSignal());
  typed<CurrentWorker | undefined>()(currentWorker());
});
