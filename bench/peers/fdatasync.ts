import { fdatasyncSync, openSync, writeSync } from 'node:fs';
import { secondsOf, serveRounds } from '../workers/serve.js';

/** Bytes of the log for a call, if many share a record. */
const CALL_BYTES = 66;
/** Size of the file, whose blocks are there before the first round. */
const FILE_BYTES = 1 << 24;

const [path = '', window = '1'] = process.argv.slice(2);
const file = openSync(path, 'w+', 0o600);
writeSync(file, new Uint8Array(FILE_BYTES));
fdatasyncSync(file);
const bytes = new Uint8Array(CALL_BYTES * Number(window));
let offset = 0;

await serveRounds((request) => {
  const started = performance.now();
  const end = started + secondsOf(request) * 1000;
  let operations = 0;
  while (performance.now() < end) {
    if (offset + bytes.length > FILE_BYTES) offset = 0;
    offset += writeSync(file, bytes, 0, bytes.length, offset);
    fdatasyncSync(file);
    operations += Number(window);
  }
  return Promise.resolve({ operations, seconds: (performance.now() - started) / 1000 });
});
