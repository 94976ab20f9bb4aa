// A process or thread that leads a log, appends records, and says which are durable: "led EPOCH", "durable POSITION", "published POSITION", "failed CODE MESSAGE".
import { writeSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import type { Leader } from '../../../server/log/log-store.js';
import { SegmentStore, type SegmentStoreOptions } from '../../../server/log/segments/segment-store.js';

/** Parameters of the program. */
export interface LogWriting {
  readonly directory: string;
  readonly options?: SegmentStoreOptions;
  /** Number of appends; each has its position as a text, padded to `length`. */
  readonly appends: number;
  readonly length: number;
  /** Number of appends that are in flight at a time. */
  readonly inFlight: number;
  /** Number of appends after which a snapshot is written. */
  readonly snapshotAfter?: number;
  /** True if the program then waits to be killed. */
  readonly stays?: boolean;
  /** True if the program then leads the log once more. */
  readonly twice?: boolean;
}

const { directory, options, appends, length, inFlight, snapshotAfter, stays, twice } = JSON.parse(process.argv[2]!) as LogWriting;

const say = (line: string): void => {
  if (parentPort !== null) parentPort.postMessage(line);
  // Before the process is killed: a pipe keeps the bytes that were written to it.
  else writeSync(1, `${line}\n`);
};

async function* state(position: number): AsyncGenerator<Uint8Array> {
  yield Buffer.from(`state of ${position}`);
}

const store = new SegmentStore(directory, options);
try {
  const leader = await store.lead();
  say(`led ${leader.epoch} from ${leader.next}`);
  await appendAll(leader);
  say(`read ${await lastPosition()}`);
  say('done');
  if (stays) setInterval(() => {}, 60_000);
  else await leader.release();
  if (twice) {
    const again = await store.lead();
    say(`led ${again.epoch} from ${again.next}`);
    await again.release();
  }
} catch (error) {
  say(failureText(error));
}

/** Says each failure once. */
async function appendAll(leader: Leader): Promise<void> {
  let left = appends;
  const failures = new Set<string>();
  const lane = async (): Promise<void> => {
    while (left-- > 0) await append(leader).catch((error: unknown) => failures.add(failureText(error)));
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  for (const failure of failures) say(failure);
}

async function append(leader: Leader): Promise<void> {
  const position = await leader.append(Buffer.from(`${leader.next}`.padEnd(length)));
  say(`durable ${position}`);
  if (snapshotAfter === undefined || position % snapshotAfter !== 0) return;
  await leader.snapshot(position, state(position));
  say(`published ${position}`);
}

async function lastPosition(): Promise<number> {
  let last = (await store.snapshot())?.position ?? 0;
  for await (const { position } of store.read(last + 1)) last = position;
  return last;
}

function failureText(error: unknown): string {
  const { code, message } = error as { code: string; message: string };
  return `failed ${code} ${message}`;
}
