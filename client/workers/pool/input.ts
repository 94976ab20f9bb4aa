import { InvalidArgumentError } from '../../../proto/errors.js';
import type { Inputs } from './options.js';

/** An iterator over inputs, sync or async. */
export type Input<T> =
  { readonly async: false; readonly iterator: Iterator<T> } | { readonly async: true; readonly iterator: AsyncIterator<T> };

/** @throws InvalidArgumentError if the inputs are not iterable */
export function inputOf<T>(inputs: Inputs<T>): Input<T> {
  const { [Symbol.asyncIterator]: later, [Symbol.iterator]: now } = Object(inputs) as Partial<AsyncIterable<T> & Iterable<T>>;
  if (typeof later === 'function') return { async: true, iterator: later.call(inputs) };
  if (typeof now === 'function') return { async: false, iterator: now.call(inputs) };
  throw new InvalidArgumentError('the inputs are not iterable: give an iterable or an async iterable');
}
