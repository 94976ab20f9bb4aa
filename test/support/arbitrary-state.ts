import fc from 'fast-check';
import type { State } from '../../proto/state.js';
import { character } from './arbitrary-values.js';

/** A state without others in it. */
export const leaf: fc.Arbitrary<State> = fc.oneof(
  fc.constantFrom<State>(undefined, null, false, true, 0, -0, NaN, Infinity, -Infinity, 1, '', '0', 0n, 1n, -1n),
  fc.double(),
  fc.bigInt(),
  fc.string({ unit: character }),
  fc.string({ unit: fc.constantFrom('\ud800', '\udc00', 'ÿ', 'Ā', 'a'), maxLength: 40 }),
  fc.uint8Array({ maxLength: 40 }),
);

/** Any state. Fields have few names, so that objects with the same ones occur. */
export const { state } = fc.letrec<{ state: State }>((tie) => ({
  state: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.array(tie('state'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'ab', '', '\ud800', '__proto__'), tie('state'), { maxKeys: 4, noNullPrototype: true }),
  ),
}));
