import { Manager } from 'commonhold';
import { secondsOf, serveRounds } from './serve.js';

/** Writes in flight beside the reads. */
const WRITES = 20;

const [address] = process.argv.slice(2);

await using manager = await Manager.connect(address);
await using writer = await Manager.connect(address);
const dict = manager.dict<string, number>('bench');
const written = writer.dict<string, number>('bench');

/** Answers the latency that one of a hundred reads exceeds. */
await serveRounds(async (request) => {
  let running = true;
  const write = async (): Promise<void> => {
    for (let n = 0; running; n++) await written.set(`key:${n % 1_000}`, n);
  };
  const writes = Array.from({ length: WRITES }, write);
  const took: number[] = [];
  const end = performance.now() + secondsOf(request) * 1000;
  for (let now = performance.now(); now < end;) {
    await dict.get(`key:${took.length % 1_000}`);
    took.push(performance.now() - now);
    now = performance.now();
  }
  running = false;
  await Promise.all(writes);
  took.sort((one, other) => one - other);
  return { operations: 1, seconds: took[Math.floor(took.length * 0.99)]! / 1000 };
});
