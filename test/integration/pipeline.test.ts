import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { ClosedError, EndOfPipeError, Manager, type PipeReceiver, type PipeSender, type WorkerHandle } from 'commonhold';
import { aborted, collect, range } from '../conformance/support.js';
import { until } from '../support/until.js';
import { stress } from '../support/stress.js';
import type { Parcel } from './programs/stage.js';

// A pipeline: three processes, each with a pipe before it and one behind it, each of which holds a few messages, so that a fast stage waits
// for a slow one.

const STAGE = new URL('./programs/stage.js', import.meta.url);

const STAGES = ['cut', 'plane', 'polish'] as const;
const CAPACITY = 4;
const PARCELS = stress(120, 400);
/** Lengths of texts, in rotation: an empty one and one larger than any frame are among them. */
const LENGTHS = [0, 1, 17, 300_000, 4_096, 0, 65_536, 2];

function parcel(number: number): Parcel {
  return { number, text: String.fromCharCode(97 + (number % 26)).repeat(LENGTHS[number % LENGTHS.length]!), stages: [] };
}

/** Expects that many parcels, whole, in order, and passed through all stages. */
function expectPassed(parcels: readonly Parcel[], count: number): void {
  expect(parcels.map(({ number, stages }) => ({ number, stages }))).toEqual(range(0, count).map((number) => ({ number, stages: STAGES })));
  expect(parcels.every(({ number, text }) => text === parcel(number).text)).toBe(true);
}

let manager: Manager;

beforeAll(async () => {
  manager = await Manager.start();
});

afterAll(() => manager.close());

describe('a pipeline of three stages', () => {
  let names: string[];
  let stages: WorkerHandle<number>[];
  let into: PipeSender<Parcel>;
  let out: PipeReceiver<Parcel>;

  beforeEach(() => {
    const pipes = range(0, STAGES.length + 1).map(() => manager.pipe<Parcel>(undefined, { duplex: false, capacity: CAPACITY }));
    stages = STAGES.map((stage, index) =>
      manager.fork<typeof import('./programs/stage.js')>(
        STAGE,
        stage,
        index === 1 ? 'receive' : 'iterate',
        pipes[index]![0],
        pipes[index + 1]![1],
      ),
    );
    names = pipes.map(([end]) => end.name);
    into = pipes[0]![1];
    out = pipes[STAGES.length]![0];
  });

  const feed = async (parcels: readonly number[]): Promise<void> => {
    for (const number of parcels) await into.send(parcel(number));
  };

  test('keeps order and boundaries of all messages, and ends stage by stage', async () => {
    const feeding = feed(range(0, PARCELS)).then(() => into.close());
    const parcels = await collect(out);
    await feeding;
    expectPassed(parcels, PARCELS);
    expect(await Promise.all(stages.map(({ result }) => result))).toEqual(STAGES.map(() => PARCELS));
    await expect(out.receive()).rejects.toBeInstanceOf(EndOfPipeError);
    await expect(into.send(parcel(0))).rejects.toBeInstanceOf(ClosedError);
  });

  test('holds a fast source back: no more is on its way than pipes and stages hold', async () => {
    let sent = 0;
    const feeding = (async (): Promise<void> => {
      for (const number of range(0, PARCELS)) {
        await into.send(parcel(number));
        sent++;
      }
      await into.close();
    })();
    const first = await out.receive();
    await until('all pipes are full', async () => {
      for await (const { name, size } of manager.objects({ kind: 'pipe' })) if (names.includes(name) && size < CAPACITY) return false;
      return true;
    });
    // A stage has at most the messages that it received in one call.
    expect(sent).toBeLessThanOrEqual(1 + CAPACITY * (STAGES.length + 1) + CAPACITY * STAGES.length);
    const rest = await collect(out);
    await feeding;
    expectPassed([first, ...rest], PARCELS);
  });

  test('with a killed middle stage has an end on both sides: its output is the beginning of its input, without a gap', async () => {
    // The last messages are sent when it is dead.
    const killing = new AbortController();
    const feeding = (async () => {
      await feed(range(0, 60));
      await aborted(killing.signal);
      await feed(range(60, PARCELS));
    })().catch((error: unknown) => error);
    const parcels: Parcel[] = [];
    for await (const next of out) if (parcels.push(next) === 50) void stages[1]!.kill().then(() => killing.abort());
    expect(parcels.length).toBeGreaterThanOrEqual(50);
    expect(parcels.length).toBeLessThanOrEqual(60);
    expectPassed(parcels, parcels.length);
    // The last stage reaches the end of its pipe; the first learns that its receiver is gone, and fails.
    expect(await stages[2]!.result).toBe(parcels.length);
    await expect(stages[0]!.result).rejects.toBeInstanceOf(EndOfPipeError);
    await stages[0]!.join();
    expect(await feeding).toBeInstanceOf(EndOfPipeError);
  });
});
