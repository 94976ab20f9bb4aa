import type { Readable } from 'node:stream';

/** Longest line, in characters: longer ones come in parts, so that a worker that writes no line breaks fills no memory. */
const LONGEST = 65_536;

/** Calls back with each line of a stream, without its line break, and with the rest at its end. Resolves after that. */
export function onLines(stream: Readable, told: (line: string) => void): Promise<void> {
  let rest = '';
  stream.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split(/\r?\n/);
    rest = lines.pop()!;
    lines.forEach(told);
    for (; rest.length > LONGEST; rest = rest.slice(LONGEST)) told(rest.slice(0, LONGEST));
  });
  return new Promise((resolve) => {
    // A stream may end by an error too, which is that of its worker.
    stream
      .on('error', () => {})
      .once('close', () => {
        if (rest !== '') told(rest);
        resolve();
      });
  });
}
