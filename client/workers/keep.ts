import { MessagePort } from 'node:worker_threads';
import { referencesIn } from '../../proto/codec/references.js';
import { isAnonymous } from '../../proto/name.js';
import { movedBy, payloadOf, type EncodedArguments } from '../shared/shared-memory.js';
import type { WorkerManager } from './owner.js';

/**
 * Keeps the anonymous objects that arguments refer to alive, even if all other references are released, until the returned function is
 * called, which also closes the ports in them that were not sent. Returns undefined if there are none.
 */
export function keepReferred(owner: WorkerManager, args: EncodedArguments): (() => void) | undefined {
  const anonymous = referencesIn(payloadOf(args)).filter(({ name }) => isAnonymous(name));
  const ports = movedBy(args).filter((part) => part instanceof MessagePort);
  if (anonymous.length === 0 && ports.length === 0) return undefined;
  const proxies = anonymous.map((reference) => owner.open(reference) as AsyncDisposable);
  return () => {
    for (const port of ports) port.close();
    // If the manager cannot be reached, the end of the session releases them.
    for (const proxy of proxies) void Promise.resolve(proxy[Symbol.asyncDispose]()).catch(() => {});
  };
}
