// Draws the Mandelbrot set by a pool of threads, line by line, and compares it with the same picture drawn by this thread alone.
import { createHash } from 'node:crypto';
import { Manager } from 'commonhold';
import drawLine, { initialize, type Picture } from './07-image.worker.js';

const picture: Picture = { width: 480, height: 320, left: -2.2, right: 0.8, top: 1, bottom: -1, most: 500 };
const lines = Array.from({ length: picture.height }, (_, y) => y);

await using manager = await Manager.start();
await using pool = manager.pool<typeof import('./07-image.worker.js')>(new URL('./07-image.worker.js', import.meta.url), {
  threads: 4,
  initializer: [picture],
});

// Lines arrive in order, while the threads draw the next ones.
const pixels = new Uint8Array(picture.width * picture.height);
let y = 0;
for await (const line of pool.imap(lines, { chunkSize: 8 })) pixels.set(line, picture.width * y++);

initialize(picture);
const alone = Buffer.concat(lines.map((line) => drawLine(line)));
const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const SHADES = ' .:-=+*#%@';
for (let row = 7; row < picture.height; row += 17) {
  const columns = Array.from({ length: picture.width / 8 }, (_, column) => pixels[picture.width * row + 8 * column]!);
  console.log(
    columns
      .map((pixel) => SHADES[Math.floor((pixel / 256) * SHADES.length)])
      .join('')
      .trimEnd(),
  );
}
console.log(`${y} lines by four threads are what one thread draws: ${digest(pixels) === digest(alone)}`);
