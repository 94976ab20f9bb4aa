/** Returns true if an answer is not there yet: a promise, or anything else with `then`. */
export function isThenable<T>(answer: T | PromiseLike<T>): answer is PromiseLike<T> {
  return typeof answer === 'object' && answer !== null && typeof (answer as Partial<PromiseLike<T>>).then === 'function';
}

/** Makes an answer from a result, at once if the result is there. */
export function mapAnswer<T, R>(result: T | PromiseLike<T>, make: (result: T) => R): R | PromiseLike<R> {
  return isThenable(result) ? result.then(make) : make(result);
}
