import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { fromBinary } from '@bufbuild/protobuf';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LogFailedError, Manager, SessionExpiredError, type ManagerError } from '../../client/index.js';
import { statusError } from '../../client/connect/transport/status-error.js';
import { HealthCheckResponse_ServingStatus as Serving, HealthCheckResponseSchema } from '../../proto/gen/grpc/health/v1/health_pb.js';
import { commonhold, Daemon, Temporary } from '../support/daemon.js';
import { unaryCall } from '../support/grpc.js';
import { whyNoMounts } from '../support/mounts.js';
import { until } from '../support/until.js';

// A daemon with a data directory on a disk that fails, or is full.

/** The members of a registered type. */
interface Clerk {
  waitFor(file: string): Promise<void>;
  note(file: string): void;
}

const TYPES = new URL('programs/clerk.js', import.meta.url).href;

let folder: Temporary;
let daemon: Daemon;
let manager: Manager;

beforeEach(() => {
  folder = new Temporary();
});

afterEach(end);

async function end(): Promise<void> {
  await manager.close();
  await daemon[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
}

async function serve(failpoints = '', ...more: string[]): Promise<void> {
  const flags = ['--listen', `unix:${folder.join('socket')}`, '--data-dir', folder.join('data'), ...more];
  daemon = await Daemon.serve(flags, { COMMONHOLD_FAILPOINTS: failpoints });
  manager = await Manager.connect(daemon.address, { lease: 2_000 });
}

/** Adds keys to a dict until that fails. Returns the keys that the manager has answered, and the error. */
async function fill(value: unknown = 'value'): Promise<{ answered: number[]; error: unknown }> {
  const answered: number[] = [];
  for (let key = 0; ; key++) {
    try {
      await manager.dict('dict').set(String(key), value);
      answered.push(key);
    } catch (error) {
      return { answered, error };
    }
  }
}

async function keys(): Promise<number[]> {
  return Array.from(await manager.dict('dict').toMap(), ([key]) => Number(key));
}

async function takesChanges(): Promise<boolean> {
  try {
    return (await manager.stats()).logFailure === undefined;
  } catch (error) {
    // The session in which it only read has ended.
    if (error instanceof SessionExpiredError) return false;
    throw error;
  }
}

async function health(): Promise<Serving> {
  const { response } = await unaryCall(daemon.address, 'grpc.health.v1.Health/Check', new Uint8Array());
  return fromBinary(HealthCheckResponseSchema, response!).status;
}

describe.each(['log.write', 'log.written', 'log.flush', 'log.flushed'])('if the disk fails at %s', (point) => {
  // It fails often enough that the manager cannot take changes again during a test.
  beforeEach(() => serve(`${point}=EIO@30,segment.prepare=EIO@2`));

  test('the change is a LogFailedError that says why, and may have been executed', async () => {
    const { error } = await fill();
    expect(error).toBeInstanceOf(LogFailedError);
    expect(error).toMatchObject({ code: 'LOG_FAILED', message: expect.stringMatching(/EIO/), mayHaveExecuted: true });
  });

  test('the manager goes on reading what it has answered, and nothing else', async () => {
    const { answered } = await fill();
    expect(await keys()).toEqual(answered);
    expect((await manager.stats()).logFailure).toMatch(/EIO/);
    expect(await health()).toBe(Serving.NOT_SERVING);
  });

  test('it refuses changes, and calls for which an object would have to be made', async () => {
    const { answered } = await fill();
    const refused = { code: 'LOG_FAILED', mayHaveExecuted: false };
    await expect(manager.dict('dict').set('refused', 1)).rejects.toMatchObject(refused);
    await expect(manager.dict('other').get('key')).rejects.toMatchObject(refused);
    await expect(manager.lock('lock').acquire()).rejects.toMatchObject(refused);
    await expect(manager.list().push(1)).rejects.toMatchObject(refused);
    expect(await keys()).toEqual(answered);
  });
});

test('a manager whose log has failed can be dumped', async () => {
  await serve('log.flush=EIO@30,segment.prepare=EIO@2');
  const { answered } = await fill('x'.repeat(100_000));
  const { code, stdout } = await commonhold(['dump', daemon.address]);
  expect(code).toBe(0);
  const dumped = stdout.match(/"key":\{"text":"\d+"\}/g)!.map((key) => Number(/\d+/.exec(key)![0]));
  expect(dumped).toEqual(answered);
});

test('a unary call on its way may have been executed; one that comes later was not', async () => {
  const set = async (): Promise<ManagerError | undefined> => {
    // { name: "event" }
    const { details } = await unaryCall(daemon.address, 'commonhold.v1.EventService/Set', Buffer.from('\x0a\x05event'));
    return details && statusError({ 'grpc-status-details-bin': details.toString('base64') });
  };
  const setUntilFailed = async (): Promise<ManagerError> => {
    for (;;) {
      const failed = await set();
      if (failed !== undefined) return failed;
    }
  };
  const fail = async (): Promise<ManagerError[]> => {
    await serve('log.flush=EIO@30,segment.prepare=EIO@2');
    return Promise.all(Array.from({ length: 16 }, setUntilFailed));
  };
  let failed = await fail();
  // The log failed by a turn between two calls, such as a heartbeat's.
  while (!failed.some(({ mayHaveExecuted }) => mayHaveExecuted)) {
    await end();
    folder = new Temporary();
    failed = await fail();
  }
  expect(failed).toContainEqual(expect.objectContaining({ code: 'LOG_FAILED', mayHaveExecuted: true }));
  expect(await set()).toMatchObject({ code: 'LOG_FAILED', mayHaveExecuted: false });
});

test('calls that wait for a method of a registered type run once, although that ends after the log has failed', async () => {
  await serve('log.flush=EIO@30', '--register', TYPES);
  const clerk = manager.object<Clerk>('Clerk', 'clerk');
  const calls = [clerk.waitFor(folder.join('done')), ...Array.from({ length: 3 }, () => clerk.note(folder.join('notes')))];
  const ended = Promise.allSettled(calls);
  await manager.stats();
  await fill();
  await ended;
  writeFileSync(folder.join('done'), '');
  await until('it takes changes', takesChanges);
  await clerk.note(folder.join('notes'));
  expect(readFileSync(folder.join('notes'), 'utf8')).toBe('....');
});

test('a waiting call and a hold end when the log fails, since the manager cannot grant or free any more', async () => {
  await serve('log.flush=EIO@30,segment.prepare=EIO@2');
  const held = await manager.lock('lock').acquire();
  const waiting = manager.queue('queue').get();
  const failed = expect(waiting).rejects.toBeInstanceOf(LogFailedError);
  await fill();
  await failed;
  expect(held.signal.aborted).toBe(true);
});

describe('once the disk works again', () => {
  test('the manager takes changes, and has everything that it answered', async () => {
    await serve('log.flush=EIO@30');
    const { answered } = await fill();
    await until('it takes changes', takesChanges);
    expect(await keys()).toEqual(expect.arrayContaining(answered));
    await manager.dict('dict').set('later', 1);
    expect(await health()).toBe(Serving.SERVING);
    await daemon.program.kill('SIGKILL');
    await serve();
    expect(await manager.dict('dict').get('later')).toBe(1);
    expect(await manager.dict('dict').size()).toBeGreaterThan(answered.length);
  });

  test('a lock that was held when it failed is free after the lease of its session', async () => {
    await serve('log.flush=EIO@30');
    await manager.lock('lock').acquire();
    await fill();
    await until('it takes changes', takesChanges);
    await using held = await manager.lock('lock').acquire();
    expect(held.token).toBeGreaterThan(1);
  });

  test('with async durability too, it has what was flushed before', async () => {
    await serve('log.flush=EIO@3', '--durability', 'async');
    await manager.dict('dict').set('early', 1);
    // Goes on for several flushes.
    expect((await fill()).answered.length).toBeGreaterThan(0);
    await until('it takes changes', takesChanges);
    expect(await manager.dict('dict').get('early')).toBe(1);
    await manager.dict('dict').set('later', 1);
  });

  test('a stop meanwhile loses nothing', async () => {
    await serve('log.flush=EIO@30,segment.prepare=EIO@2');
    const { answered } = await fill();
    expect((await daemon.stop()).code).toBe(0);
    await serve();
    expect(await manager.dict('dict').size()).toBeGreaterThanOrEqual(answered.length);
  });
});

test('a full disk fails changes, and they go on once there is room', async () => {
  const reason = whyNoMounts();
  if (reason !== undefined) return void process.stderr.write(`skipped: ${reason}\n`);
  daemon = await Daemon.serveOnSmallDisk(folder.path, 32 * 1024);
  manager = await Manager.connect(daemon.address);
  // The disk as the daemon sees it.
  const other = join(`/proc/${daemon.pid}/root`, folder.path, 'other');
  writeFileSync(other, new Uint8Array(28 << 20));
  const { answered, error } = await fill('x'.repeat(20_000));
  expect(error).toMatchObject({ code: 'LOG_FAILED', message: expect.stringMatching(/ENOSPC/) });
  expect(await keys()).toEqual(answered);
  rmSync(other);
  await until('it takes changes', takesChanges);
  await manager.dict('dict').set('later', 1);
  expect(await manager.dict('dict').size()).toBeGreaterThan(answered.length);
});
