/** A part of the plane, and its resolution. */
export interface Picture {
  width: number;
  height: number;
  left: number;
  right: number;
  top: number;
  bottom: number;
  /** Number of steps after which a point counts as a member of the set. */
  most: number;
}

let picture: Picture;

/** Each thread receives the picture once, before its first line. */
export function initialize(given: Picture): void {
  picture = given;
}

/** Draws a line of pixels: 255 for the set, less for points that leave it early. */
export default function drawLine(y: number): Uint8Array {
  const { width, height, left, right, top, bottom, most } = picture;
  const imaginary = top + ((bottom - top) * y) / (height - 1);
  return Uint8Array.from({ length: width }, (_, x) => shade(left + ((right - left) * x) / (width - 1), imaginary, most));
}

function shade(real: number, imaginary: number, most: number): number {
  let [a, b, steps] = [0, 0, 0];
  while (a * a + b * b <= 4 && steps < most) {
    [a, b] = [a * a - b * b + real, 2 * a * b + imaginary];
    steps++;
  }
  return steps === most ? 255 : Math.min(254, steps * 6);
}
