import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { InvalidArgumentError, Manager, type SharedQueue, type WorkerHandle } from 'commonhold';
import { fresh, range } from '../conformance/support.js';
import { until } from '../support/until.js';
import type consumer from './programs/buffer-consumer.js';
import type { Moment, Report } from './programs/buffer-consumer.js';
import type producer from './programs/buffer-producer.js';

// Producers and consumers on a bounded buffer, in processes of their own, some of which die during their work: every item is worked on at
// least once, and acknowledged exactly once.

const PRODUCER = new URL('./programs/buffer-producer.js', import.meta.url);
const CONSUMER = new URL('./programs/buffer-consumer.js', import.meta.url);

const PRODUCERS = 3;
const EACH = 500;
const CAPACITY = 8;
const MOMENTS: readonly Moment[] = ['taken', 'worked', 'acknowledging', 'acknowledged'];
/** Number of consumers that the test kills, at arbitrary moments. */
const KILLED = 2;

let manager: Manager;

beforeAll(async () => {
  manager = await Manager.start();
});

afterAll(async () => {
  await manager.close();
});

/** Counts that the manager shows of a queue. */
async function countsOf(queue: SharedQueue<number>): Promise<Record<string, string>> {
  for await (const { name, options } of manager.objects({ kind: 'queue' })) if (name === queue.name) return options;
  throw new Error('the queue is gone');
}

test('a bounded buffer loses and duplicates nothing, although six of its eight consumers are killed with SIGKILL', async () => {
  const buffer = manager.queue<number>(fresh('buffer'), { capacity: CAPACITY });
  const reports = manager.queue<Report>(fresh('reports'));
  const consume = (doom?: { moment: Moment; delivery: number }): WorkerHandle<void> =>
    manager.fork<{ default: typeof consumer }>(CONSUMER, buffer, reports, doom);

  const all: Report[] = [];
  const reading = (async (): Promise<void> => {
    for await (const report of reports) all.push(report);
  })();
  const doomed = MOMENTS.map((moment) => consume({ moment, delivery: 5 + Math.floor(Math.random() * 40) }));
  const producers = range(0, PRODUCERS).map((index) => manager.fork<{ default: typeof producer }>(PRODUCER, buffer, index * EACH, EACH));

  // They come first and alone, so that each gets its share for sure.
  for (const worker of doomed) {
    await worker.join();
    expect(worker.exitSignal).toBe('SIGKILL');
  }
  const victims = range(0, KILLED).map(() => consume());
  const before = all.length;
  for (const [index, victim] of victims.entries()) {
    await until('some work is done', () => all.length > before + 100 * index + Math.random() * 100);
    await victim.kill();
  }
  const lasting = [consume(), consume()];
  await Promise.all(producers.map(({ result }) => result));
  await buffer.join();

  expect(await countsOf(buffer)).toMatchObject({ unfinished: '0', delivered: '0', delayed: '0' });
  expect(await buffer.size()).toBe(0);
  await expect(buffer.taskDone()).rejects.toBeInstanceOf(InvalidArgumentError);
  await buffer.shutdown();
  await Promise.all(lasting.map(({ result }) => result));
  await reports.shutdown();
  await reading;

  const worked = new Set(all.map(({ item }) => item));
  expect([...worked].sort((a, b) => a - b)).toEqual(range(0, PRODUCERS * EACH));
  // join() returned, so each item was acknowledged once; of the acknowledgements that were reported, no two are of one item.
  const acknowledged = all.filter((report) => report.acknowledged).map(({ item }) => item);
  expect(new Set(acknowledged).size).toBe(acknowledged.length);
  // A killed consumer could not report its last acknowledgements: at most the items it held.
  expect(acknowledged.length).toBeGreaterThanOrEqual(PRODUCERS * EACH - 4 * (MOMENTS.length + KILLED));
  // Items of consumers killed during their work were delivered again.
  expect(all.some(({ attempts }) => attempts > 1)).toBe(true);
});
