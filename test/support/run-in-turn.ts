// Runs programs of a folder one after another in this process, each a folder with a main.js, and writes a line of JSON for each: its name,
// its output by console.log, and the error that ended it. A program that does not end in time ends all.
import { pathToFileURL } from 'node:url';
import { format, inspect } from 'node:util';

const TIME_MS = 120_000;

const [folder, ...names] = process.argv.slice(2);
for (const name of names) {
  const printed: string[] = [];
  // eslint-disable-next-line no-console -- the programs print by it
  console.log = (...values: unknown[]) => void printed.push(...format(...values).split('\n'));
  const late = setTimeout(() => {
    throw new Error(`${name} has not ended in ${TIME_MS} ms, and printed ${inspect(printed)}`);
  }, TIME_MS).unref();
  const error = await import(pathToFileURL(`${folder}/${name}/main.js`).href).then(() => undefined, inspect);
  clearTimeout(late);
  process.stdout.write(`${JSON.stringify({ name, printed, error })}\n`);
}
