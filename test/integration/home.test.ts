import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import {
  AlreadyExistsError,
  KindMismatchError,
  Manager,
  NotFoundError,
  QueueEmptyError,
  TimeoutError,
  UnimplementedError,
  type SharedQueue,
  type WorkerHandle,
} from 'commonhold';
import { encodePayload } from '../../proto/codec/payload.js';
import { aborted, expectWaiting, fresh, queued, range, roundTrip } from '../conformance/support.js';
import { bufCurl } from '../support/buf.js';
import { Daemon } from '../support/daemon.js';
import { Proxy } from '../support/proxy.js';
import { until } from '../support/until.js';
import { stress } from '../support/stress.js';
import type home from './programs/home.js';
import type { Command, Report } from './programs/home.js';
import type holder from './programs/holder.js';

// Objects at home in a process other than the manager and the clients.

const HOME = new URL('./programs/home.js', import.meta.url);
const HOLDER = new URL('./programs/holder.js', import.meta.url);

let daemon: Daemon;
let manager: Manager;
let other: Manager;
/** One home for all tests that neither end their home nor need one of their own. */
let lasting: HomeProcess;
/** The homes of the current test, which end with it. */
const homes: HomeProcess[] = [];

beforeAll(async () => {
  daemon = await Daemon.serve();
  manager = await Manager.connect(daemon.address);
  other = await Manager.connect(manager.address);
  lasting = new HomeProcess();
  homes.length = 0;
});

afterEach(async () => {
  for (const { worker } of homes.splice(0)) await worker.kill();
});

afterAll(async () => {
  await lasting.worker.kill();
  await other.close();
  await manager.close();
  await daemon.stop();
});

/** A process that is the home of the objects that it is told to offer. */
class HomeProcess {
  readonly commands = manager.queue<Command>();
  readonly reports = manager.queue<Report>();
  readonly worker: WorkerHandle<void>;

  /** @param address of the manager, by default that of the test's own client */
  constructor(address = manager.address) {
    this.worker = manager.fork<{ default: typeof home }>(HOME, this.commands, this.reports, address);
    homes.push(this);
  }

  /** Takes the next report; fails with the reason if the process has ended. */
  report(): Promise<Report> {
    const ended = this.worker.result.then(() => Promise.reject(new Error('the home process has ended')));
    return Promise.race([this.reports.get(), ended]);
  }

  async tell(command: Command): Promise<Report> {
    await this.commands.put(command);
    return this.report();
  }

  /** Offers an object of a kind, with other fields of its Open request. */
  offer(kind: string, name: string, more: object = {}): Promise<Report> {
    return this.tell({ do: 'offer', kind, open: { name, exclusive: false, ...more } });
  }

  /** A value that is at home there. */
  async value(initial: unknown): Promise<string> {
    const name = fresh('value');
    expect(await this.offer('value', name, { initial: encodePayload(initial) })).toEqual({ done: undefined });
    return name;
  }

  async queue(more: object = {}): Promise<SharedQueue<number>> {
    const name = fresh('queue');
    expect(await this.offer('queue', name, { order: 0, ...more })).toEqual({ done: undefined });
    return manager.queue<number>(name);
  }
}

/** Waits until that many calls wait on an object. */
async function untilWaiting(name: string, waiters: number): Promise<void> {
  await until(`${waiters} wait on ${name}`, async () => {
    for await (const object of manager.objects({ match: name })) return object.waiters === waiters;
    return false;
  });
}

async function info(name: string) {
  for await (const object of manager.objects({ match: name })) return object;
  return undefined;
}

describe('an object at home in another process', () => {
  test('is one for all clients', async () => {
    const name = await lasting.value(40);
    const [one, two] = [manager.value(name, 0), other.value(name, 0)];
    expect(await one.get()).toBe(40);
    expect(await two.add(1)).toBe(41);
    await one.set(7);
    expect(await two.get()).toBe(7);
  });

  test('is listed with its home, and its state there', async () => {
    const home = lasting;
    const items = await home.queue({ capacity: 5 });
    await items.putMany([1, 2, 3]);
    expect(await info(items.name)).toMatchObject({
      kind: 'queue',
      size: 3,
      options: { capacity: '5' },
      home: { pid: home.worker.pid, label: 'the home', sessionId: expect.any(String) },
    });
    expect(await items.exists()).toBe(true);
    await expect(manager.value(items.name, 0).exists()).rejects.toBeInstanceOf(KindMismatchError);
    const local = manager.queue<number>(fresh('queue'));
    await local.put(1);
    expect((await info(local.name))?.home).toBeUndefined();
  });

  test('is used by plain unary calls as by all others', async () => {
    const name = await new HomeProcess().value(40);
    const call = async (method: string, request: object): Promise<unknown> => {
      const { stdout, stderr } = await bufCurl(['-d', JSON.stringify(request)], `http://${daemon.address}/commonhold.v1.${method}`);
      return JSON.parse(stdout === '' ? stderr : stdout) as unknown;
    };
    expect(await call('ValueService/Add', { name, delta: { number: 2 } })).toEqual({ value: { number: 42 } });
    expect(await call('ValueService/Get', { name })).toEqual({ value: { number: 42 } });
    expect(await call('ManagerService/Describe', { name })).toMatchObject({ object: { kind: 'value', home: { label: 'the home' } } });
    expect(await call('ManagerService/Destroy', { name })).toEqual({ destroyed: true });
    expect(await call('ValueService/Get', { name })).toMatchObject({ code: 'not_found' });
  });

  test('keeps the order of the calls of a client, the first of which opens it', async () => {
    const items = await lasting.queue();
    await Promise.all(range(0, 500).map((item) => items.put(item)));
    expect(await items.peek(1000)).toEqual(range(0, 500));
  });

  test('loses none of the additions of four clients', async () => {
    const name = await lasting.value(0);
    const clients = await Promise.all(range(0, 4).map(() => Manager.connect(manager.address)));
    await Promise.all(clients.flatMap((client) => range(0, 500).map(() => client.value(name, 0).add(1))));
    expect(await manager.value(name, 0).get()).toBe(2_000);
    await Promise.all(clients.map((client) => client.close()));
  });

  test('holds up neither other objects nor its own other calls while one waits', async () => {
    const home = lasting;
    const items = await home.queue();
    const name = await home.value(1);
    const waiting = await queued(manager, items.get());
    expect(await manager.value(name, 0).add(1)).toBe(2);
    await manager.dict(fresh('dict')).set('a', 1);
    await expectWaiting(waiting, manager);
    await other.queue<number>(items.name).put(5);
    expect(await waiting.promise).toBe(5);
  });

  test('fails a call with the error of its home', async () => {
    const home = lasting;
    const items = await home.queue({ capacity: 2 });
    await expect(items.get({ timeout: 0 })).rejects.toBeInstanceOf(QueueEmptyError);
    await expect(items.get({ timeout: 5 })).rejects.toMatchObject({ code: 'QUEUE_EMPTY', retryable: true, object: items.name });
    await expect(items.putMany([1, 2, 3], { timeout: 0 })).rejects.toMatchObject({ code: 'QUEUE_FULL', accepted: 2 });
    const name = await home.value('text');
    await expect(manager.value<unknown>(name, 0).add(1)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(manager.queue(items.name, { capacity: 3 }).size()).rejects.toMatchObject({ code: 'OPTIONS_CONFLICT' });
    await expect(manager.queue(items.name).create()).rejects.toBeInstanceOf(AlreadyExistsError);
  });

  test('a call aborted by its signal takes nothing', async () => {
    const items = await lasting.queue();
    const controller = new AbortController();
    const call = await queued(manager, items.get({ signal: controller.signal }));
    await untilWaiting(items.name, 1);
    controller.abort(new Error('no longer'));
    await expect(call.promise).rejects.toThrow('no longer');
    await items.put(1);
    expect(await items.size()).toBe(1);
  });

  test('loses and duplicates no item in races of abort and put', async () => {
    const items = await lasting.queue();
    const producer = other.queue<number>(items.name);
    const taken: number[] = [];
    const races = stress(100, 500);
    for (const round of range(0, races)) {
      const controller = new AbortController();
      const call = items.get({ signal: controller.signal }).then(
        (item) => taken.push(item),
        () => {},
      );
      const put = producer.put(round);
      for (let step = 0; step < round % 4; step++) await roundTrip(manager);
      controller.abort();
      await Promise.all([put, call]);
    }
    const left = await items.peek(1_000);
    expect([...taken, ...left].sort((a, b) => a - b)).toEqual(range(0, races));
  });

  test('has its deliveries acknowledged, and takes back unacknowledged ones', async () => {
    const items = await lasting.queue();
    await items.putMany(range(0, 200));
    const client = await Manager.connect(manager.address);
    let reached = 0;
    for await (const _item of client.queue<number>(items.name)) if (++reached === 50) break;
    await until('the rest is back', async () => (await items.size()) === 150);
    expect(await client.queue<number>(items.name).get()).toBe(50);
    await client.close();
    expect(await items.peek(1)).toEqual([51]);
    expect(await items.size()).toBe(149);
  });

  test('is locked by one at a time, and released when its holder dies', async () => {
    const home = lasting;
    const name = fresh('lock');
    await home.offer('lock', name);
    const lock = manager.lock(name);
    const reports = manager.queue<string>();
    const worker = manager.fork<{ default: typeof holder }>(HOLDER, lock, reports);
    await reports.get();
    expect(await lock.holder()).toMatchObject({ pid: worker.pid });
    expect(await info(name)).toMatchObject({ holders: [{ pid: worker.pid }] });
    await expect(lock.acquire({ timeout: 5 })).rejects.toBeInstanceOf(TimeoutError);
    const next = lock.acquire();
    await untilWaiting(name, 1);
    const { locks } = await manager.locks();
    expect(locks.find((held) => held.name === name)).toMatchObject({ holders: [{ pid: worker.pid }] });
    await worker.kill();
    const held = await next;
    expect(held.abandoned).toBe(true);
    await held.release();
  });

  test('tells a holder that its lease ended', async () => {
    const home = lasting;
    const name = fresh('lock');
    await home.offer('lock', name);
    const held = await manager.lock(name).acquire({ lease: 20 });
    await aborted(held.signal);
    await expect(held.release()).rejects.toMatchObject({ code: 'LOCK_LOST' });
  });

  test('is destroyed by any client, there too, and waiting calls are told', async () => {
    const home = new HomeProcess();
    const items = await home.queue();
    const call = await queued(manager, items.get());
    expect(await other.queue(items.name).destroy()).toBe(true);
    await expect(call.promise).rejects.toBeInstanceOf(NotFoundError);
    expect(await home.report()).toEqual({ told: `${items.name} was destroyed` });
    expect(await items.exists()).toBe(false);
    await items.put(1);
    expect((await info(items.name))?.home).toBeUndefined();
  });

  test('ends when its home destroys it', async () => {
    const home = new HomeProcess();
    const items = await home.queue();
    const call = await queued(manager, items.get());
    expect(await home.tell({ do: 'destroy', name: items.name })).toEqual({ done: true });
    await expect(call.promise).rejects.toBeInstanceOf(NotFoundError);
    expect(await items.exists()).toBe(false);
  });

  test('ends there when its time to live is over', async () => {
    const home = new HomeProcess();
    const name = await home.value(1);
    await manager.value(name, 0).expire(20);
    expect(await home.report()).toEqual({ told: `${name} was destroyed` });
    expect(await manager.value(name, 0).exists()).toBe(false);
  });

  test('needs no name', async () => {
    const home = new HomeProcess();
    const anonymous = manager.value(undefined, 0);
    await home.offer('value', anonymous.name, { initial: encodePayload(3) });
    expect(await anonymous.get()).toBe(3);
    await manager.dict(fresh('dict')).set('value', anonymous);
    expect((await info(anonymous.name))?.home).toBeDefined();
  });

  test('is used by its own home process as by others', async () => {
    const home = lasting;
    const name = fresh('queue');
    await home.offer('queue', name, { order: 0 });
    // The commands are sent through an object at home there.
    const report = manager.queue<Report>(name);
    await report.put({ done: 1 });
    expect(await report.get()).toEqual({ done: 1 });
  });

  test('is refused in a call with objects elsewhere', async () => {
    const home = lasting;
    const name = await home.value(1);
    const local = fresh('dict');
    const value = manager.value(name, 0);
    const batch = manager.atomic().set(value, 5).set(manager.dict(local), 'a', 1);
    await expect(batch.commit()).rejects.toBeInstanceOf(UnimplementedError);
    expect(await value.get()).toBe(1);
    expect(await manager.atomic().check(value, 1).set(value, 5).commit()).toMatchObject({ ok: true });
    expect(await value.get()).toBe(5);
  });
});

describe('an object whose home is killed', () => {
  test('ends, and all waiting and later calls are told why, until a new one is made', async () => {
    const home = new HomeProcess();
    const items = await home.queue();
    const waiting = await queued(manager, items.get());
    await untilWaiting(items.name, 1);
    await home.worker.kill();
    await expect(waiting.promise).rejects.toMatchObject({
      code: 'NOT_FOUND',
      mayHaveExecuted: true,
      object: items.name,
      message: expect.stringContaining(`the process ${home.worker.pid}`),
    });
    await expect(items.size()).rejects.toMatchObject({ code: 'NOT_FOUND', message: expect.stringContaining(String(home.worker.pid)) });
    expect(await items.exists()).toBe(false);
    expect(await info(items.name)).toBeUndefined();
    await items.create();
    await items.put(1);
    expect(await items.size()).toBe(1);
  });

  test('fails its calls also when it hangs before it dies, and others continue', async () => {
    const home = new HomeProcess();
    const name = await home.value(1);
    expect(await home.tell({ do: 'hang' })).toEqual({ done: 'hanging' });
    const call = await queued(manager, manager.value(name, 0).add(1));
    expect(await info(name)).toMatchObject({ kind: 'value', home: { pid: home.worker.pid } });
    await expectWaiting(call, manager, other);
    await home.worker.kill();
    await expect(call.promise).rejects.toBeInstanceOf(NotFoundError);
  });

  test('can be offered by another home', async () => {
    const first = new HomeProcess();
    const name = await first.value(1);
    await first.worker.kill();
    const second = new HomeProcess();
    expect(await second.offer('value', name, { initial: encodePayload(2) })).toEqual({ done: undefined });
    expect(await manager.value(name, 0).get()).toBe(2);
  });

  test('continues from its backup, with the waiting calls', async () => {
    const home = new HomeProcess();
    const name = await home.value(1);
    const value = manager.value(name, 0);
    await value.set(5);
    expect(await home.tell({ do: 'backUp', name })).toEqual({ done: undefined });
    const held = await other.value(name, 0).lock();
    const waiting = await queued(manager, value.add(10));
    await home.worker.kill();
    expect(await waiting.promise).toBe(15);
    await expect(held.release()).rejects.toMatchObject({ code: 'NOT_OWNER' });
    expect((await info(name))?.home).toBeUndefined();
    expect(await other.value(name, 0).add(1)).toBe(16);
  });

  test('continues from its backup when the home leaves gracefully', async () => {
    const home = new HomeProcess();
    const name = await home.value(3);
    await home.tell({ do: 'backUp', name });
    await home.tell({ do: 'leave' });
    expect(await manager.value(name, 0).add(1)).toBe(4);
    expect((await info(name))?.home).toBeUndefined();
  });
});

describe('a home whose session is lost', () => {
  /** Cuts the connection for longer than the lease. */
  async function lose(proxy: Proxy): Promise<void> {
    const { sessions } = await manager.stats();
    proxy.close();
    await until('the session is gone', async () => (await manager.stats()).sessions === sessions - 1);
    proxy.mend();
  }

  test('offers its objects again, in their present state', async () => {
    await using proxy = await Proxy.to(daemon.address);
    const home = new HomeProcess(proxy.address);
    const name = await home.value(1);
    await manager.value(name, 0).set(7);
    const { sessionId } = (await info(name))!.home!;
    await lose(proxy);
    await until('it is offered again', async () => ![undefined, sessionId].includes((await info(name))?.home?.sessionId));
    expect(await other.value(name, 0).add(1)).toBe(8);
  });

  test('is told that the manager continued with the backup of an object', async () => {
    await using proxy = await Proxy.to(daemon.address);
    const home = new HomeProcess(proxy.address);
    const name = await home.value(1);
    await home.tell({ do: 'backUp', name });
    await lose(proxy);
    expect(await home.report()).toEqual({ told: `${name} is cut off: OPTIONS_CONFLICT` });
    expect(await manager.value(name, 0).add(1)).toBe(2);
  });
});

describe('an offer', () => {
  test('changes nothing if the object is at home there already', async () => {
    const home = new HomeProcess();
    const name = await home.value(1);
    await manager.value(name, 0).set(2);
    expect(await home.offer('value', name, { initial: encodePayload(1) })).toEqual({ done: undefined });
    expect(await manager.value(name, 0).get()).toBe(2);
  });

  test('is refused if the object is elsewhere, or of another kind', async () => {
    const [home, rival] = [new HomeProcess(), new HomeProcess()];
    const name = await home.value(1);
    const elsewhere = { code: 'OPTIONS_CONFLICT', message: expect.stringContaining(`at home in the process ${home.worker.pid}`) };
    expect(await rival.offer('value', name, { initial: encodePayload(2) })).toMatchObject(elsewhere);
    expect(await rival.offer('lock', name)).toMatchObject({ code: 'KIND_MISMATCH' });
    expect(await rival.offer('value', name, { exclusive: true, initial: encodePayload(2) })).toMatchObject({ code: 'ALREADY_EXISTS' });
    const held = manager.value(fresh('value'), 1);
    await held.get();
    const here = { code: 'OPTIONS_CONFLICT', message: expect.stringContaining('held by the manager') };
    expect(await home.offer('value', held.name, { initial: encodePayload(2) })).toMatchObject(here);
    expect(await held.get()).toBe(1);
  });
});
