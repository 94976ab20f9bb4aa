import { InvalidArgumentError } from '../../../proto/errors.js';
import type { Inputs } from './options.js';

/** Where inputs come from. */
export type Input<T> =
  { readonly async: false; readonly iterator: Iterator<T> } | { readonly async: true; readonly iterator: AsyncIterator<T> };

/** @throws InvalidArgumentError for what cannot be iterated over */
export function inputOf<T>(inputs: Inputs<T>): Input<T> {
  const { [Symbol.asyncIterator]: later, [Symbol.iterator]: now } = Object(inputs) as Partial<AsyncIterable<T> & Iterable<T>>;
  if (typeof later === 'function') return { async: true, iterator: later.call(inputs) };
  if (typeof now === 'function') return { async: false, iterator: now.call(inputs) };
  throw new InvalidArgumentError('the inputs are nothing to iterate over: give an iterable or an async iterable');
}
