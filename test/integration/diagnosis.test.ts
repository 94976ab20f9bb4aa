import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { Manager, ManagerUnavailableError, SessionExpiredError, TimeoutError, UnauthenticatedError, type ManagerError } from 'commonhold';
import { commonhold, Daemon } from '../support/daemon.js';
import { until } from '../support/until.js';

function failureOf(call: Promise<unknown>): Promise<ManagerError> {
  return call.then(
    () => Promise.reject(new Error('the call did not fail')),
    (error: unknown) => error as ManagerError,
  );
}

describe('the error of a timeout', () => {
  it('names the holder, the time of the hold, the limit, and the number of waiters before', async () => {
    await using manager = await Manager.start();
    await using other = await Manager.connect(manager.address, { label: 'the other' });
    const held = await other.lock('door').acquire();
    const before = [manager.lock('door').acquire(), manager.lock('door').acquire()];
    await until('they wait', async () => (await manager.stats()).waiters === 2);
    await until('it is held for a measurable time', async () => (await other.lock('door').holder())!.heldFor > 0);
    const error = await failureOf(manager.lock('door').acquire({ timeout: 25 }));
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error.object).toBe('door');
    expect(error.message).toMatch(
      new RegExp(
        `^process ${process.pid} \\(the other\\) has held "door" for [0-9.]+ m?s; it was not free within 25 ms, and 2 calls wait before$`,
      ),
    );
    await held.release();
    for (const next of before) await (await next).release();
  });

  it('gives times for people: no more figures than a person reads', async () => {
    await using manager = await Manager.start();
    const held = await manager.lock('l').acquire();
    const object = manager.queue('q', { capacity: 1 });
    await object.put(1);
    const calls = [
      manager.lock('l').acquire({ timeout: 10.123456789 }),
      object.put(2, { timeout: 10.123456789 }),
      object.join({ timeout: 10.123456789 }),
      manager
        .event('e')
        .watch({ timeout: 10.123456789 })
        .next()
        .then(() => Promise.reject(new Error('10 ms'))),
      Manager.connect('127.0.0.1:9', { callTimeout: 1.23456789 }),
    ];
    for (const { message } of await Promise.all(calls.map(failureOf))) expect(message).not.toMatch(/\d{8}|\d\.\d{3}/);
    await held.release();
  });
});

describe('a manager that this program started and that was killed', () => {
  it('is named with its signal by calls under way and by later ones', async () => {
    await using manager = await Manager.start();
    const expired = new Promise<ManagerError>((resolve) => manager.on('expired', resolve));
    const waiting = failureOf(manager.queue('q').get());
    await manager.dict('d').get('behind it');
    process.kill(manager.daemonPid!, 'SIGKILL');
    const ended = new RegExp(`the manager that this program started, process ${manager.daemonPid}, ended with SIGKILL`);
    const underWay = await waiting;
    expect(underWay).toBeInstanceOf(SessionExpiredError);
    expect(underWay.message).toMatch(ended);
    expect((await expired).message).toMatch(ended);
    const later = await failureOf(manager.dict('d').get('a'));
    expect(later).toBeInstanceOf(ManagerUnavailableError);
    expect(later.message).toMatch(ended);
  });
});

describe('a token that is missing or wrong', () => {
  it('is reported, with what to do', async () => {
    await using daemon = await Daemon.serve(undefined, { COMMONHOLD_TOKEN: 'secret' });
    const [none, wrong] = await Promise.all([
      failureOf(Manager.connect(daemon.address)),
      failureOf(Manager.connect(daemon.address, { token: 'guess' })),
    ]);
    expect(none).toBeInstanceOf(UnauthenticatedError);
    expect(none.message).toMatch(/none was given: pass \{ token \}/);
    expect(none.address).toBe(daemon.address);
    expect(wrong).toBeInstanceOf(UnauthenticatedError);
    expect(wrong.message).toMatch(/refused the token.*: pass \{ token \}/);
    expect(wrong.message).not.toContain('guess');
  });
});

describe('an address in use', () => {
  it('is named, with its likely user, by the command and by Manager.start', async () => {
    await using server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { code, stderr } = await commonhold(['serve', '--listen', address]);
    expect(code).not.toBe(0);
    expect(stderr).toContain(`${address} is in use (EADDRINUSE), perhaps by another manager (commonhold serve)`);
    const error = await failureOf(Manager.start({ listen: address }));
    expect(error.message).toContain(`${address} is in use (EADDRINUSE), perhaps by another manager`);
  });
});
