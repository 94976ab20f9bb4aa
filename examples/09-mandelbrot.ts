// Draws the Mandelbrot set into an array that threads share: a free thread takes the next row from a counter. One thread, four threads, and
// four threads that use a manager by calls draw the same picture.
//
//     node dist/examples/09-mandelbrot.js [FILE.png [WIDTH]]
import { writeFile } from 'node:fs/promises';
import { Arena, Manager } from 'commonhold';
import { encodePng } from './09-mandelbrot.png.js';
import type { Frame } from './09-mandelbrot.worker.js';

const [file, width = '600'] = process.argv.slice(2);
const frame: Frame = {
  width: Number(width),
  height: Math.round(Number(width) / 1.5),
  left: -2.2,
  right: 0.8,
  top: 1,
  bottom: -1,
  most: 1000,
};

await using arena = Arena.create();
await using manager = await Manager.start();

const alone = await draw(arena, 'alone', 1);
const together = await draw(arena, 'together', 4);
const byCalls = await draw(manager, 'by calls', 4);

const speed = (seconds: number): string => `${seconds.toFixed(2)} s, ${(alone.seconds / seconds).toFixed(1)} times as fast`;
console.log(`${frame.width} by ${frame.height} pixels, by one thread in shared memory: ${alone.seconds.toFixed(2)} s`);
console.log(`by four threads in shared memory: ${speed(together.seconds)}`);
console.log(`by four threads with calls to a manager: ${speed(byCalls.seconds)}`);
console.log(`all pictures are the same: ${alone.pixels.equals(together.pixels) && alone.pixels.equals(byCalls.pixels)}`);
if (file !== undefined) await writeFile(file, encodePng(frame.width, frame.height, together.pixels));

async function draw(home: Arena | Manager, name: string, threads: number): Promise<{ pixels: Buffer; seconds: number }> {
  const next = home.value(`next row, ${name}`, 0, { type: 'i32' });
  const picture = home.array(`picture, ${name}`, 'u8', frame.width * frame.height * 3);
  // Joins all threads and this one, so that the measured time is that of drawing, without the start of the threads.
  const ready = home.barrier(`ready, ${name}`, threads + 1);
  const workers = Array.from({ length: threads }, () =>
    home.thread<typeof import('./09-mandelbrot.worker.js')>(
      new URL('./09-mandelbrot.worker.js', import.meta.url),
      ready,
      next,
      picture,
      frame,
    ),
  );
  await ready.wait();
  const started = performance.now();
  await Promise.all(workers.map((worker) => worker.result));
  const seconds = (performance.now() - started) / 1000;
  return { pixels: Buffer.from(await picture.read()), seconds };
}
