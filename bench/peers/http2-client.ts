import { connect } from 'node:http2';
import { connect as connectSocket } from 'node:net';
import type { RoundAnswer } from '../rounds.js';
import { secondsOf, serveRounds } from '../workers/serve.js';

const [socket = ''] = process.argv.slice(2);
const MESSAGE = Buffer.alloc(40, 'x');

const session = connect('http://localhost', { createConnection: () => connectSocket(socket) });
const stream = session.request({ ':method': 'POST', ':path': '/' }, { endStream: false });
await serveRounds((request) => pingPong(secondsOf(request)));
stream.end();
session.destroy();

/** Uses callbacks instead of promises, because the limit is that of the transport, without the cost of awaiting. */
function pingPong(seconds: number): Promise<RoundAnswer> {
  const started = performance.now();
  const end = started + seconds * 1000;
  let operations = 0;
  let received = 0;
  return new Promise((resolve) => {
    stream.on('data', answered);
    stream.write(MESSAGE);

    function answered(part: Buffer): void {
      received += part.length;
      if (received < MESSAGE.length) return;
      received = 0;
      operations++;
      const now = performance.now();
      if (now < end) return void stream.write(MESSAGE);
      stream.off('data', answered);
      resolve({ operations, seconds: (now - started) / 1000 });
    }
  });
}
