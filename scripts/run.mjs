// @ts-check
/**
 * `make run`: the whole path once. Starts a manager of its own, lets the word count's four processes
 * work on it, looks at what they left through plain gRPC, and ends with nothing left running.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { Manager } from 'commonhold';

const BUF = ['curl', '--protocol', 'grpc', '--http2-prior-knowledge'];

// It ends with this program, however that ends, and listens where only this user can reach it.
await using manager = await Manager.start();
console.log(`a manager listens on ${manager.address} (process ${manager.daemonPid})\n`);

const wordcount = spawn(process.execPath, ['dist/examples/wordcount/main.js', '--keep', ...process.argv.slice(2)], {
  env: { ...process.env, COMMONHOLD_ADDRESS: manager.address },
  stdio: 'inherit',
});
const [code] = await once(wordcount, 'exit');
process.exitCode = code ?? 1;
if (code === 0) await look(manager.address.replace(/^unix:/, ''));

/** Asks the manager as a stranger would, with reflection alone. @param {string} socket */
async function look(socket) {
  const request = '{"name":"wordcount:words","key":{"text":"the"}}';
  const { stdout } = await promisify(execFile)('buf', [...BUF, '--unix-socket', socket, '-d', request, 'http://localhost/commonhold.v1.DictService/Get']);
  console.log(`
the same dict through plain gRPC:
${stdout.trim()}

This manager ends here. To look around yourself, keep one with "make serve" in another terminal, then:

  node dist/examples/wordcount/main.js --address 127.0.0.1:7420 --keep
  grpcurl -plaintext 127.0.0.1:7420 list
  grpcurl -plaintext -d '${request}' 127.0.0.1:7420 commonhold.v1.DictService/Get
  npx buf ${BUF.join(' ')} -d '${request}' http://127.0.0.1:7420/commonhold.v1.DictService/Get`);
}
