import { once } from 'node:events';
import { createServer } from 'node:http2';
import { serveRounds } from '../workers/serve.js';

const [socket] = process.argv.slice(2);

const server = createServer();
server.on('stream', (stream) => {
  stream.respond({ ':status': 200 });
  // In a ping-pong each chunk is one message, so the answer has the length of the request.
  stream.on('data', (message: Buffer) => stream.write(message));
  stream.on('end', () => stream.end());
  stream.on('error', () => undefined);
});
server.listen(socket);
await once(server, 'listening');
await serveRounds(() => Promise.reject(new Error('the server measures nothing')));
process.exit();
