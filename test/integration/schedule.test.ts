import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  ClosedError,
  InvalidArgumentError,
  Manager,
  NotFoundError,
  OptionsConflictError,
  QueueShutDownError,
  type Schedule,
  type SharedQueue,
} from '../../client/index.js';
import { aborted, fresh } from '../conformance/support.js';
import { Daemon, Temporary } from '../support/daemon.js';

// Schedules of several programs on a real manager: each tick is put once.

const EVERY = 20;
/** A time between ticks that no test lives to see. */
const LONG = 600_000;

let folder: Temporary;
let daemon: Daemon;
let one: Manager;
let two: Manager;
/** Names of the queue and the schedule of the test. */
let ticks: string;
let name: string;

beforeAll(async () => {
  folder = new Temporary();
  daemon = await started();
});

afterAll(async () => {
  await daemon[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

beforeEach(async () => {
  // A start may take seconds on a busy machine.
  [one, two] = await Promise.all([connected(), connected()]);
  [ticks, name] = [fresh('ticks'), fresh('schedule')];
});

afterEach(async () => {
  await Promise.all([one.close(), two.close()]);
});

function connected(): Promise<Manager> {
  return Manager.connect(daemon.address, { lease: 120_000 });
}

function started(): Promise<Daemon> {
  return Daemon.serve(['--listen', `unix:${folder.join('socket')}`, '--data-dir', folder.join('data')]);
}

const timeOf = (tick: Date): number => tick.getTime();

/** Takes the times of ticks, and expects that they come in order, none twice, and each at a multiple of the time between them. */
async function expectTicks(queue: SharedQueue<number>, count: number, before?: number): Promise<number> {
  let last = before;
  for (let i = 0; i < count; i++) {
    const tick = await queue.get();
    if (last !== undefined) {
      expect(tick).toBeGreaterThan(last);
      expect((tick - last) % EVERY).toBe(0);
    }
    expect(tick).toBeLessThanOrEqual(Date.now());
    last = tick;
  }
  return last!;
}

describe('a schedule', () => {
  test('puts each tick once, although several programs run it, of which some are killed', async () => {
    const [queue, begun] = [one.queue<number>(ticks), one.queue<number>(fresh('begun'))];
    const module = new URL('programs/scheduling.js', import.meta.url);
    const workers = [1, 2].map(() => one.fork<typeof import('./programs/scheduling.js')>(module, name, EVERY, queue, begun, one.address));
    await begun.get();
    await begun.get();
    const schedule = await two.schedule(name, { every: EVERY }, two.queue<number>(ticks), timeOf);
    let last = await expectTicks(queue, 10);
    for (const worker of workers) {
      await worker.kill();
      last = await expectTicks(queue, 5, last);
    }
    schedule.stop();
    await aborted(schedule.signal);
    expect(schedule.signal.reason).toBeInstanceOf(ClosedError);
  });

  test('goes on after a restart of the manager', async () => {
    const queue = one.queue<number>(ticks);
    await Promise.all([one, two].map((manager) => manager.schedule(name, { every: EVERY }, manager.queue<number>(ticks), timeOf)));
    const last = await expectTicks(queue, 5);
    await daemon.program.kill('SIGKILL');
    daemon = await started();
    await expectTicks(queue, 5, last);
  });

  test('puts what was missed as one tick, with its time, and goes on from there', async () => {
    const queue = one.queue<number>(ticks);
    const schedule = await one.schedule(name, { every: EVERY }, queue, timeOf);
    let last = await expectTicks(queue, 1);
    schedule.stop();
    const missed = schedule.next!.getTime();
    // Takes the time of some ticks, without waiting for a time.
    while (Date.now() < missed + 5 * EVERY) await one.stats();
    expect(await queue.size()).toBeLessThanOrEqual(1);
    await two.schedule(name, { every: EVERY }, two.queue<number>(ticks), timeOf);
    last = await expectTicks(queue, 3, last);
    expect(last).toBeGreaterThanOrEqual(missed + 5 * EVERY - EVERY);
  });

  test('puts its items as the options say, and none while its last one is there', async () => {
    const queue = one.queue<string>(fresh('jobs'), { order: 'priority' });
    await queue.put('other', { priority: 1 });
    const other = one.queue<number>(ticks);
    await one.schedule(fresh('job'), { every: EVERY }, queue, 'job', { id: 'job', priority: 0 });
    await one.schedule(name, { every: EVERY }, other, timeOf);
    await expectTicks(other, 5);
    expect(await queue.peek(9)).toEqual(['job', 'other']);
    expect(await queue.get()).toBe('job');
    // The next tick puts it again.
    await expectTicks(other, 2);
    expect(await queue.peek(9)).toEqual(['job', 'other']);
  });

  test('by a cron expression has its ticks at full seconds', async () => {
    const queue = one.queue<number>(ticks);
    const schedule = await one.schedule(name, { cron: '* * * * * *' }, queue, timeOf);
    expect(schedule.next!.getTime() % 1000).toBe(0);
    expect((await queue.get()) % 1000).toBe(0);
  });

  test('waits for room in a full queue, and puts the tick late', async () => {
    const queue = one.queue<number>('ticks', { capacity: 1 });
    await queue.put(0);
    const schedule = await one.schedule(name, { every: EVERY }, queue, timeOf);
    const first = schedule.next!.getTime();
    while (Date.now() < first + 2 * EVERY) await one.stats();
    expect(await queue.get()).toBe(0);
    expect(await queue.get()).toBe(first);
  });

  test('ends for all when it is cancelled, until it begins again', async () => {
    const schedules = await Promise.all(
      [one, two].map((manager) => manager.schedule(name, { every: EVERY }, manager.queue<number>(ticks), timeOf)),
    );
    await schedules[0]!.cancel();
    await aborted(schedules[1]!.signal);
    expect(schedules[1]!.signal.reason).toBeInstanceOf(NotFoundError);
    await one.queue(ticks).clear();
    await one.schedule(name, { every: EVERY }, one.queue<number>(ticks), timeOf);
    await expectTicks(one.queue<number>(ticks), 2);
  });

  test('gets another rule by the last program that gives it one', async () => {
    const queue = one.queue<number>(ticks);
    const before = await one.schedule(name, { every: EVERY }, queue, timeOf);
    await expectTicks(queue, 1);
    const after = await two.schedule(name, { every: LONG }, two.queue<number>(ticks), timeOf);
    await aborted(before.signal);
    expect(before.signal.reason).toBeInstanceOf(OptionsConflictError);
    expect(after.next!.getTime()).toBeGreaterThan(Date.now() + LONG / 2);
  });

  test('ends with its manager, with its queue, and with a value that cannot be', async () => {
    const queue = one.queue<number>(ticks);
    const reason = async (begun: Promise<Schedule>): Promise<unknown> => {
      const { signal } = await begun;
      await aborted(signal);
      return signal.reason;
    };
    const failing = one.schedule(fresh('failing'), { every: 1 }, queue, () => {
      throw new RangeError('no value');
    });
    expect(await reason(failing)).toBeInstanceOf(RangeError);
    await queue.shutdown();
    expect(await reason(one.schedule(fresh('shut down'), { every: 1 }, queue, 1))).toBeInstanceOf(QueueShutDownError);
    const closed = reason(two.schedule(fresh('closed'), { every: LONG }, two.queue<number>(fresh('other')), 1));
    await two.schedule(fresh('second'), { every: LONG }, two.queue<number>(fresh('other')), 1);
    await two.close();
    expect(await closed).toBeInstanceOf(ClosedError);
    await expect(two.schedule(fresh('closed'), { every: LONG }, two.queue<number>(fresh('other')), 1)).rejects.toBeInstanceOf(ClosedError);
  });

  test('is refused with a queue of another manager, or a value that cannot be stored, before anything is written', async () => {
    await using other = await Manager.start();
    const stored = one.schedule(name, { every: LONG }, one.queue<unknown>(ticks), () => 1);
    await stored;
    const before = await one.dict('commonhold:schedules').toMap();
    await expect(one.schedule(name, { every: 1 }, other.queue<number>(ticks), 1)).rejects.toThrow(/cannot be used together/);
    const unstorable = { run: () => 1 } as unknown as number;
    await expect(one.schedule(name, { every: 1 }, one.queue<number>(ticks), unstorable)).rejects.toBeInstanceOf(InvalidArgumentError);
    expect(await one.dict('commonhold:schedules').toMap()).toEqual(before);
    expect((await stored).signal.aborted).toBe(false);
  });

  test('is refused with a rule that has no tick, and with options that are not known', async () => {
    const queue = one.queue<number>(ticks);
    await expect(one.schedule(name, { cron: '0 0 30 2 *' }, queue, 1)).rejects.toBeInstanceOf(InvalidArgumentError);
    await expect(one.schedule(name, { every: 1 }, queue, 1, { late: true } as never)).rejects.toBeInstanceOf(InvalidArgumentError);
  });
});
