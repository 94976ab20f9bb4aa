import { expect, test } from '@jest/globals';
import { Daemon } from '../support/daemon.js';
import { connectHttp2, RawCall } from '../support/grpc.js';

test.each(['600H', '720H', '99999999H', '3000000S', '99999999M'])('a unary call with a deadline of %s is answered', async (deadline) => {
  await using daemon = await Daemon.serve();
  const session = connectHttp2(daemon.address);
  const call = new RawCall(session, 'commonhold.v1.ManagerService/Stats', undefined, { 'grpc-timeout': deadline });
  call.send(new Uint8Array(0));
  call.stream.end();
  expect(await call.ended).toMatchObject({ status: 0 });
  session.close();
});
