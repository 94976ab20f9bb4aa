import type { Target } from '../target.js';

/** Fails with the 8th input of a seed that ends with 3. */
export const target: Target = {
  inputs: 10,
  begin: (seed) => {
    let number = 0;
    return {
      next: () => Buffer.of(number++),
      take([byte]) {
        if (seed % 10 === 3 && byte === 7) throw new Error('a planted error');
      },
    };
  },
};
