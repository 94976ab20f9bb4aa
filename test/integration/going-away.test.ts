import { once } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { ErrorCode } from 'commonhold/proto';
import { Daemon } from '../support/daemon.js';
import { connectHttp2, RawCall, type Face } from '../support/grpc.js';
import { errorOf } from '../support/errors.js';
import { RawSession } from '../support/raw-session.js';

const NO_ERROR = 0;

describe.each<Face>(['grpc', 'sdk'])('a connection of %s', (face) => {
  test('is told by GOAWAY that the manager stops, with and without a session on it', async () => {
    await using daemon = await Daemon.serve();
    const idle = connectHttp2(daemon.address, face);
    await once(idle, 'remoteSettings');
    const raw = await RawSession.open(daemon.address, { face });
    const goaways = [idle, raw.connection].map((connection) => once(connection, 'goaway') as Promise<[number]>);
    const stopped = daemon.stop();
    for (const [code] of await Promise.all(goaways)) expect(code).toBe(NO_ERROR);
    expect(await raw.ended).toMatchObject({ status: 14 });
    expect(await stopped).toMatchObject({ code: 0 });
  });

  test('is refused without a token with the typed error', async () => {
    await using daemon = await Daemon.serve(['--listen', '127.0.0.1:0'], { COMMONHOLD_TOKEN: 'secret' });
    const connection = connectHttp2(daemon.address, face);
    const end = await new RawCall(connection, 'commonhold.v1.SessionService/Connect', 'wrong').ended;
    expect(end.status).toBe(16);
    expect(errorOf(end)).toMatchObject({ code: ErrorCode.UNAUTHENTICATED, method: 'commonhold.v1.SessionService/Connect' });
    connection.destroy();
  });

  test('is cut off with the typed error for a frame that cannot be read', async () => {
    await using daemon = await Daemon.serve();
    await using raw = RawSession.silent(daemon.address, { face });
    raw.send({ calls: [{ id: 1, method: 0, request: new Uint8Array() }] });
    const end = await raw.ended;
    expect(errorOf(end)).toMatchObject({ code: ErrorCode.PROTOCOL, message: expect.stringContaining('hello') });
  });
});
