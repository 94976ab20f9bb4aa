import type { Target } from '../target.js';

/** Works on the second input for ever. */
export const target: Target = {
  inputs: 10,
  begin: () => {
    let number = 0;
    return {
      next: () => Buffer.of(number++),
      take([byte]) {
        while (byte === 1);
      },
    };
  },
};
