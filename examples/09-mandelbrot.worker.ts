import type { Barrier, SharedArray, SharedValue } from 'commonhold';

/** A part of the plane, and its resolution. */
export interface Frame {
  width: number;
  height: number;
  left: number;
  right: number;
  top: number;
  bottom: number;
  /** Number of steps after which a point counts as a member of the set. */
  most: number;
}

/** Draws rows until none is left. It does not depend on the number of other workers, nor on where the objects are. */
export default async function draw(ready: Barrier, next: SharedValue<number>, picture: SharedArray<'u8'>, frame: Frame): Promise<void> {
  await ready.wait();
  const { view } = picture;
  if (view === undefined) await drawByCalls(next, picture, frame);
  else drawInMemory(next, view, frame);
}

/** In shared memory: one atomic instruction takes the next row, and its pixels are written in place. */
function drawInMemory(next: SharedValue<number>, view: Uint8Array, frame: Frame): void {
  const bytes = frame.width * 3;
  for (let y = next.sync.add(1) - 1; y < frame.height; y = next.sync.add(1) - 1) {
    drawRow(view.subarray(y * bytes, (y + 1) * bytes), y, frame);
  }
}

/** In a manager: two calls for each row. */
async function drawByCalls(next: SharedValue<number>, picture: SharedArray<'u8'>, frame: Frame): Promise<void> {
  const row = new Uint8Array(frame.width * 3);
  for (let y = (await next.add(1)) - 1; y < frame.height; y = (await next.add(1)) - 1) {
    drawRow(row, y, frame);
    await picture.write(y * row.length, row);
  }
}

/** Fills a row with its pixels, of three bytes each: red, green, blue. */
function drawRow(row: Uint8Array, y: number, { width, height, left, right, top, bottom, most }: Frame): void {
  const imaginary = top + ((bottom - top) * y) / (height - 1);
  for (let x = 0; x < width; x++) {
    const steps = stepsOf(left + ((right - left) * x) / (width - 1), imaginary, most);
    // Black for the set; from blue to yellow for points that take longer to leave it.
    const far = Math.sqrt(steps / most);
    row[3 * x] = 9 * (1 - far) * far ** 3 * 255;
    row[3 * x + 1] = 15 * (1 - far) ** 2 * far ** 2 * 255;
    row[3 * x + 2] = 8.5 * (1 - far) ** 3 * far * 255;
  }
}

function stepsOf(real: number, imaginary: number, most: number): number {
  let [a, b, steps] = [0, 0, 0];
  while (a * a + b * b <= 4 && steps < most) {
    [a, b] = [a * a - b * b + real, 2 * a * b + imaginary];
    steps++;
  }
  return steps;
}
