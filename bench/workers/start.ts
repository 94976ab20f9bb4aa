/** A fresh process: measures the import, then the time from the call of `start`, or `embed`, to the first answer. */
const beforeImport = performance.now();
const { Manager } = await import('commonhold');
const afterImport = performance.now();

const manager = await Manager[process.argv[2] as 'start' | 'embed']();
await manager.dict('bench').set('key', 1);
const answered = performance.now();

process.stdout.write(`${JSON.stringify({ import: afterImport - beforeImport, started: answered - afterImport })}\n`);
await manager.close();
