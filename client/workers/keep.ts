import { referencesIn } from '../../proto/codec/references.js';
import { isAnonymous } from '../../proto/name.js';
import { payloadOf, type EncodedArguments } from '../shared/shared-memory.js';
import type { WorkerManager } from './owner.js';

/**
 * Keeps the objects without a name that arguments refer to, whoever else lets go of them, until the function that this
 * answers is called. Undefined where they refer to none.
 */
export function keepReferred(owner: WorkerManager, args: EncodedArguments): (() => void) | undefined {
  const anonymous = referencesIn(payloadOf(args)).filter(({ name }) => isAnonymous(name));
  if (anonymous.length === 0) return undefined;
  const proxies = anonymous.map((reference) => owner.open(reference) as AsyncDisposable);
  return () => {
    // Where the manager cannot be told, the end of the session tells it.
    for (const proxy of proxies) void Promise.resolve(proxy[Symbol.asyncDispose]()).catch(() => {});
  };
}
