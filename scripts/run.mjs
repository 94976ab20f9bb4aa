// @ts-check
/**
 * `make run`: starts a manager, runs the processes of the word count on it, reads their result through plain gRPC, and ends with nothing
 * left running.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { Manager } from 'commonhold';

const CURL = ['curl', '--protocol', 'grpc', '--http2-prior-knowledge'];
const THE = '{"name":"wordcount:words","key":{"text":"the"}}';
const GET = 'commonhold.v1.DictService/Get';

// The manager ends with this program, even if it crashes, and only this user can reach it.
const manager = await Manager.start();
try {
  console.log(`a manager listens on ${manager.address} (process ${manager.daemonPid})\n`);
  process.exitCode = await countWords(manager.address);
  if (process.exitCode === 0) await look(manager.address.slice('unix:'.length));
} finally {
  await manager.close();
}

/** @param {string} address @returns {Promise<number>} */
async function countWords(address) {
  const program = ['dist/examples/wordcount/main.js', '--keep', '--address', address, ...process.argv.slice(2)];
  const [code] = await once(spawn(process.execPath, program, { stdio: 'inherit' }), 'exit');
  return code ?? 1;
}

/** Calls the manager as a client without the contract would, by reflection alone. @param {string} socket */
async function look(socket) {
  const { stdout } = await promisify(execFile)('buf', [...CURL, '--unix-socket', socket, '-d', THE, `http://localhost/${GET}`]);
  console.log(`
The count of "the" in the shared dict, through plain gRPC:
${stdout.trim()}

This manager ends here. To look around in one that stays, run "make serve" in another terminal, and here:

  node dist/examples/wordcount/main.js --address 127.0.0.1:7420 --keep
  grpcurl -plaintext 127.0.0.1:7420 list
  grpcurl -plaintext -d '${THE}' 127.0.0.1:7420 ${GET}
  npx buf ${CURL.join(' ')} -d '${THE}' http://127.0.0.1:7420/${GET}`);
}
