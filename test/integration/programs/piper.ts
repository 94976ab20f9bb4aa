import type { PipeEnd, SharedQueue } from 'commonhold';

/** Answers each message with its length until the end of the pipe, and returns their number; with 'stay', opens its end and stays. */
export default async function (end: PipeEnd<number, string>, how: 'answer' | 'stay', reports: SharedQueue<string>): Promise<number> {
  if (how === 'stay') {
    await end.open();
    await reports.put('open');
    setInterval(() => {}, 60_000);
    await new Promise(() => {});
  }
  let count = 0;
  for await (const message of end) {
    await end.send(message.length);
    count++;
  }
  return count;
}
