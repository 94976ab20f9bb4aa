import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Manager } from 'commonhold';
import { ROOT } from '../support/pages.js';
import { Daemon, Temporary } from '../support/daemon.js';
import { Program, type Exit } from '../support/program.js';
import { Proxy } from '../support/proxy.js';
import { until } from '../support/until.js';

// The client in Python (examples/python/) with the gRPC and protobuf of Debian, which scripts/debian.sh installs.

const PYTHON = '/usr/bin/python3';
const NEEDED = ['/usr/bin/protoc', '/usr/include/google/protobuf/any.proto', ...['google/protobuf', 'grpc'].map(modulePath)];

function modulePath(name: string): string {
  return `/usr/lib/python3/dist-packages/${name}/__init__.py`;
}

const missing = NEEDED.filter((file) => !existsSync(file));

(missing.length === 0 ? describe : describe.skip)(`the client in Python, which needs ${missing.join() || 'nothing more'}`, () => {
  let generated: Temporary;
  let daemon: Daemon;
  let manager: Manager;
  let proxy: Proxy;

  beforeAll(async () => {
    generated = new Temporary();
    daemon = await Daemon.serve();
    manager = await Manager.connect(daemon.address);
    proxy = await Proxy.to(daemon.address);
    const contract = readdirSync(`${ROOT}proto/commonhold/v1`).map((file) => `commonhold/v1/${file}`);
    const parameters = [
      `-I${ROOT}proto`,
      `-I${ROOT}proto/vendor`,
      `--python_out=${generated.path}`,
      ...contract,
      'google/rpc/status.proto',
    ];
    expect(await new Program('/usr/bin/protoc', parameters).exited).toMatchObject({ code: 0, stderr: '' });
  });

  afterAll(async () => {
    await proxy[Symbol.asyncDispose]();
    await manager.close();
    await daemon.stop();
    generated[Symbol.dispose]();
  });

  const python = (program: string, ...parameters: string[]): Program =>
    new Program(PYTHON, [`${ROOT}examples/python/${program}`, ...parameters], { PYTHONPATH: generated.path, PYTHONDONTWRITEBYTECODE: '1' });
  const put = (queue: string, ...texts: string[]): Promise<Exit> => python('put.py', daemon.address, queue, ...texts).exited;

  test('works on a queue under a lock, and goes on where a lost connection left it', async () => {
    const writer = manager.lock('writer');
    const results = manager.list<string>('results');
    expect(await put('texts', 'one', 'two')).toMatchObject({ code: 0, stderr: '' });
    await using worker = python('worker.py', proxy.address);
    await worker.said(/^TWO$/m);
    const before = await writer.holder();
    expect(before).toMatchObject({ pid: worker.pid });

    proxy.cut(); // while it waits for an item
    await manager.queue<string>('texts').put('three');
    await worker.said(/^THREE$/m);
    proxy.close();
    const more = Array.from({ length: 50 }, (_, index) => `text ${index}`);
    await manager.queue<string>('texts').putMany(more);
    proxy.mend();
    await worker.said(/^TEXT 20$/m);
    proxy.cut(); // in the middle of its work
    await worker.said(/^TEXT 49$/m);
    expect((await writer.holder())?.token).toBe(before!.token);

    await manager.queue<string>('texts').shutdown();
    expect(await worker.exited).toMatchObject({ code: 0, stderr: '' });
    expect(await results.toArray()).toEqual(['one', 'two', 'three', ...more].map((text) => text.toUpperCase()));
    expect(await writer.locked()).toBe(false);
  });

  test('that is killed frees its lock, so that another one works on', async () => {
    const texts = manager.queue<string>('texts');
    await texts.destroy();
    await using first = python('worker.py', daemon.address);
    await until('it holds the lock', () => manager.lock('writer').locked());
    await first.kill();
    await until('the lock is free', async () => !(await manager.lock('writer').locked()));
    expect(await put('texts', 'last')).toMatchObject({ code: 0 });
    await texts.shutdown();
    expect(await python('worker.py', daemon.address).exited).toMatchObject({ code: 0, stdout: 'LAST\n' });
  });

  test('is shown in its guide as it is', () => {
    expect(readFileSync(`${ROOT}docs/clients.md`, 'utf8')).toContain(readFileSync(`${ROOT}examples/python/worker.py`, 'utf8'));
  });

  test('reads the details of errors', async () => {
    await manager.dict('a dict').create();
    expect(await put('a dict', 'text')).toMatchObject({ code: 1, stderr: expect.stringMatching(/^ERROR_CODE_KIND_MISMATCH: .*a dict/) });
  });
});
